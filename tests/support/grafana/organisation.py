"""What one organisation holds: folders, data sources, boards, and what alerts."""

from __future__ import annotations

import copy
from typing import Any

from tests.support.grafana.alerting import Alerting, Answer
from tests.support.grafana.contract import Contract


class Organisation:
    def __init__(self, contract: Contract, number: int, name: str) -> None:
        self._contract = contract
        self.number = number
        self.name = name
        self.folders: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, dict[str, str]] = {}
        self.boards: dict[str, dict[str, Any]] = {}
        self.ill: dict[str, str] = {}
        """Data sources that do not work, and what the server says of them."""
        self.alerting = Alerting(contract)
        self._made = 0

    # --- folders

    def folder(self, uid: str) -> Answer:
        if uid not in self.folders:
            return self._contract.answer("folder that does not exist")
        return self._contract.answer("folder by uid", **self.folders[uid])

    def add_folder(self, sent: dict[str, Any]) -> Answer:
        if sent["uid"] in self.folders:
            return self._contract.answer("folder, same uid again")
        if sent["title"] in {it["title"] for it in self.folders.values()}:
            return self._contract.answer("folder, other uid, same title")
        self._made += 1
        self.folders[sent["uid"]] = {"id": self._made, "uid": sent["uid"], "title": sent["title"], "version": 1}
        return self._contract.answer("folder", **self.folders[sent["uid"]])

    def put_folder(self, uid: str, sent: dict[str, Any]) -> Answer:
        there = self.folders[uid]
        if not sent.get("overwrite") and sent.get("version") != there["version"]:
            return self._contract.answer("folder renamed, stale version")
        there.update(title=sent["title"], version=there["version"] + 1)
        return self._contract.answer("folder renamed", **there)

    def list_folders(self) -> Answer:
        return 200, [{name: it[name] for name in ("id", "uid", "title")} for it in self.folders.values()]

    def drop_folder(self, uid: str) -> Answer:
        if uid not in self.folders:
            return self._contract.answer("folder that does not exist")
        if any(it["folderUID"] == uid for it in self.alerting.rules.values()):
            return self._contract.answer("folder with alert rules removed")
        del self.folders[uid]
        self.boards = {name: it for name, it in self.boards.items() if it["folder"] != uid}
        return self._contract.answer("folder removed (empty answer)")

    # --- data sources

    def source(self, uid: str) -> Answer:
        if uid not in self.sources:
            return self._contract.answer("data source that does not exist")
        return 200, self._shown(uid)

    def add_source(self, sent: dict[str, Any]) -> Answer:
        names = {it["name"] for it in self.sources.values()}
        if sent["uid"] in self.sources or sent["name"] in names:
            return self._contract.answer("data source, again")
        self._made += 1
        self._keep_source(sent, self._made, 1)
        _, body = self._contract.answer("data source", id=self._made, name=sent["name"])
        return 200, body | {"datasource": self._shown(sent["uid"])}

    def put_source(self, uid: str, sent: dict[str, Any]) -> Answer:
        there = self.sources[uid]
        self._keep_source(sent, there["id"], sent.get("version", 0) + 1)
        _, body = self._contract.answer("data source changed, secrets not sent", id=there["id"], name=sent["name"])
        return 200, body | {"datasource": self._shown(uid)}

    def list_sources(self) -> Answer:
        names = {"influxdb": "InfluxDB", "prometheus": "Prometheus"}
        hidden = {"secureJsonFields", "basicAuthUser", "withCredentials", "version"}
        found = [self._shown(uid) for uid in self.sources]
        return 200, [
            {name: value for name, value in it.items() if name not in hidden} | {"typeName": names[it["type"]]}
            for it in found
        ]

    def drop_source(self, uid: str) -> Answer:
        if uid not in self.sources:
            return self._contract.answer("data source that does not exist")
        number = self.sources.pop(uid)["id"]
        return self._contract.answer("data source removed", id=number)

    def health(self, uid: str) -> Answer:
        if uid in self.ill:
            return 400, {"status": "ERROR", "message": self.ill[uid]}
        return self._contract.answer("data source health")

    def _keep_source(self, sent: dict[str, Any], number: int, version: int) -> None:
        kept = {name: value for name, value in sent.items() if name != "secureJsonData"}
        self.secrets.setdefault(sent["uid"], {}).update(sent.get("secureJsonData", {}))
        self.sources[sent["uid"]] = kept | {"id": number, "orgId": self.number, "version": version}

    def _shown(self, uid: str) -> dict[str, Any]:
        _, like = self._contract.answer("data source by uid")
        plain = {"user": "", "database": "", "isDefault": False}
        fields = dict.fromkeys(self.secrets[uid], True)
        shown: dict[str, Any] = {**like, **plain, **copy.deepcopy(self.sources[uid]), "secureJsonFields": fields}
        return shown

    # --- boards

    def board(self, uid: str) -> Answer:
        if uid not in self.boards:
            return self._contract.answer("dashboard that does not exist")
        it = self.boards[uid]
        _, body = self._contract.answer("dashboard by uid")
        folder = self.folders[it["folder"]]
        meta = {"version": it["board"]["version"], "folderUid": it["folder"], "folderTitle": folder["title"]}
        meta |= {"folderId": folder["id"], "provisioned": it.get("provisioned", False)}
        return 200, {"meta": body["meta"] | meta, "dashboard": copy.deepcopy(it["board"])}

    def save_board(self, sent: dict[str, Any]) -> Answer:
        board, folder = sent["dashboard"], sent.get("folderUid", "")
        refused = self._refusal(board, folder, overwrite=sent.get("overwrite", False))
        if refused:
            return self._contract.answer(refused)
        there = self.boards.get(board["uid"])
        if there is None:
            self._made += 1
        number = self._made if there is None else there["board"]["id"]
        version = 1 if there is None else there["board"]["version"] + 1
        self.boards[board["uid"]] = {
            "folder": folder,
            "board": copy.deepcopy(board) | {"id": number, "version": version},
        }
        return self._contract.answer("dashboard", id=number, uid=board["uid"], version=version)

    def _refusal(self, board: dict[str, Any], folder: str, *, overwrite: bool) -> str:
        """The case of the refusal; "" where the board is taken."""
        if not board.get("title"):
            return "dashboard without a title"
        if len(board["uid"]) > 40:
            return "dashboard, uid over 40 characters"
        if folder not in self.folders:
            return "dashboard in a folder that does not exist"
        there = self.boards.get(board["uid"])
        if there is not None and not overwrite and board.get("version") != there["board"]["version"]:
            return "dashboard, again without overwrite"
        same = {
            uid for uid, it in self.boards.items() if it["folder"] == folder and it["board"]["title"] == board["title"]
        }
        return "dashboard, other uid, same title and folder" if same - {board["uid"]} and not overwrite else ""

    def drop_board(self, uid: str) -> Answer:
        if uid not in self.boards:
            return self._contract.answer("dashboard removed, again")
        board = self.boards.pop(uid)["board"]
        title = board["title"]
        return 200, {"id": board["id"], "message": f"Dashboard {title} deleted", "title": title}

    def search(self, tag: str, folder_id: str) -> Answer:
        found = []
        for uid, it in self.boards.items():
            folder = self.folders[it["folder"]]
            if (tag and tag not in it["board"].get("tags", ())) or (folder_id and str(folder["id"]) != folder_id):
                continue
            _, (like,) = self._contract.answer("search by tag")
            put = {"id": it["board"]["id"], "uid": uid, "title": it["board"]["title"]}
            put |= {"tags": it["board"].get("tags", []), "folderId": folder["id"], "folderUid": it["folder"]}
            found.append(like | put | {"folderTitle": folder["title"]})
        return 200, found
