"""What statements say beside the field's terms and the pages' texts, in Vietnamese and English."""

from __future__ import annotations

from typing import Final

from api.words import Words
from core.terms import LANGUAGES, Language

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "of_flight": ("Phiếu của một chuyến bay", "Of one flight"),
    "of_job": ("Phiếu của một công việc", "Of one job"),
    "of_plot": ("Phiếu của một thửa trong vụ", "Of one plot over a season"),
    "day": ("Ngày", "Day"),
    "season_days": ("Từ ngày – đến ngày", "From – to"),
    "number": ("Số phiếu", "Statement"),
    "issued": ("Ngày lập", "Issued"),
    "version_word": ("bản", "version"),
    "replaces": ("thay cho bản trước", "replaces the one before"),
    "treatments": ("Các lần phun", "Treatments"),
    "season_sum": ("Cộng cả vụ", "The season together"),
    "season_count": ("Số lần", "Treatments"),
    "meter": ("Lượng phun theo lưu lượng kế", "Released, by the flow meter"),
    "tank": ("Lượng phun theo mức bình", "Released, by the tank's level"),
    "untold": ("máy bay không báo", "not told by the drone"),
    "treated_distance": ("Quãng đường phun", "Treated distance"),
    "place": ("Tọa độ, diện tích", "Coordinates, areas"),
    "difference": ("Chênh lệch", "Difference"),
    "order": ("Yêu cầu", "Ordered"),
    "whole_flights": ("Cả chuyến bay", "Of the whole flights"),
    "interval": ("khoảng 95 %", "95 % interval"),
    "as_logged": ("theo nhật ký", "as logged"),
    "cv": ("CV", "CV"),
    "window": ("Điều kiện", "Window"),
    "wind_origin": ("từ hướng", "from"),
    "minutes_treated": ("Số phút phun", "Treated minutes"),
    "no_weather": ("Không có số liệu thời tiết.", "The weather is not known."),
    "no_treatments": ("Không có lần phun nào trong thời gian này.", "Nothing was treated in this time."),
    "evidence": ("Căn cứ và kiểm chứng", "Evidence and verification"),
    "archive": ("Bản lưu trữ", "Archived as"),
    "inputs_hash": ("Mã băm toàn bộ dữ liệu vào", "Hash of all inputs"),
    "digest": ("Mã băm nội dung phiếu", "Hash of the content"),
    "signed_by": ("Khóa ký", "Signed by key"),
    "check_how": (
        "Ai có tệp JSON đã ký đều kiểm chứng được: canhdong statement verify TỆP.",
        "Whoever has the signed JSON file can verify it: canhdong statement verify FILE.",
    ),
    "check_what": (
        "Các con số được tính lại từ dữ liệu gốc, trùng từng chữ số; thời tiết, sổ nhận dữ liệu, yêu cầu được ghi kèm.",
        "Figures are computed again from the fixes, to the last digit; weather, ledger and order are told beside them.",
    ),
    "pdf": ("Tải PDF", "PDF"),
    "signed_json": ("Tệp JSON đã ký", "Signed JSON"),
    "plot_version": ("ranh giới bản", "boundary, version"),
    "page": ("Trang", "Page"),
    "of": ("/", "of"),
    "figures": ("Diện tích", "Areas"),
    "statement_of": ("Phiếu", "Statement"),
}


class StatementWords(Words):
    """All texts of a statement in one language."""

    def __getitem__(self, key: str) -> str:
        if key in _WORDS:
            return _WORDS[key][LANGUAGES.index(self.language)]
        return super().__getitem__(key)


def words_of(language: Language) -> StatementWords:
    """The texts in a language."""
    return StatementWords(language)
