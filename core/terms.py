"""The field's terms in Vietnamese and English: one source for tables, pages and pictures."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")

_TERMS: Final[dict[str, tuple[str, str]]] = {
    "plot": ("Thửa ruộng", "Plot"),
    "plots": ("Thửa ruộng", "Plots"),
    "flight": ("Chuyến bay", "Flight"),
    "flights": ("Chuyến bay", "Flights"),
    "drone": ("Máy bay", "Drone"),
    "drones": ("Máy bay", "Drones"),
    "sensor": ("Cảm biến", "Sensor"),
    "sensors": ("Cảm biến", "Sensors"),
    "cooperative": ("Hợp tác xã", "Cooperative"),
    "area": ("Diện tích", "Area"),
    "gross": ("Diện tích cộng dồn", "Gross"),
    "net": ("Diện tích phun thực", "Net"),
    "covered": ("Tỷ lệ phủ", "Covered"),
    "missed": ("Bỏ sót", "Missed"),
    "overlap": ("Phun chồng", "Overlap"),
    "off_target": ("Ngoài thửa", "Off target"),
    "volume": ("Lượng phun", "Volume"),
    "mass": ("Khối lượng rải", "Mass"),
    "dose": ("Liều lượng", "Dose"),
    "total": ("Tổng", "Total"),
    "start": ("Bắt đầu", "Start"),
    "end": ("Kết thúc", "End"),
    "operation": ("Công việc", "Operation"),
    "spray": ("Phun thuốc", "Spraying"),
    "spread": ("Rải phân", "Spreading"),
    "sow": ("Gieo sạ", "Sowing"),
    "unknown": ("Chưa rõ", "Not told"),
    "fixes": ("Điểm định vị", "Fixes"),
    "statement": ("Phiếu xác nhận diện tích phun", "Sprayed-area statement"),
    "today": ("Hôm nay", "Today"),
    "log": ("Nhật ký", "Log"),
    "rejected": ("Bị loại", "Rejected"),
    "distance": ("Quãng đường", "Distance"),
    "distance_clean": ("Sau khi lọc", "Clean"),
    "treated": ("Diện tích phun", "Treated"),
    "reason": ("Lý do", "Reason"),
    "track": ("Đường bay", "Track"),
    "code": ("Mã", "Code"),
    "name": ("Tên", "Name"),
    "level": ("Cấp", "Level"),
    "province": ("Tỉnh, thành phố", "Province"),
    "district": ("Quận, huyện", "District"),
    "commune": ("Xã, phường, đặc khu", "Commune"),
    "admin_units": ("Đơn vị hành chính", "Administrative units"),
    "within": ("Thuộc", "Within"),
    "valid_from": ("Từ ngày", "From"),
    "valid_to": ("Đến trước ngày", "Before"),
    "successors": ("Đơn vị kế tiếp", "Successors"),
    "predecessors": ("Đơn vị trước đó", "Predecessors"),
    "extent": ("Phần đã nhập", "Extent"),
    "whole": ("toàn bộ", "whole"),
    "part": ("một phần", "part"),
    "uncertain": ("không chắc chắn", "uncertain"),
    "north": ("B", "N"),
    "ha": ("ha", "ha"),
    "cong": ("công", "công"),
}


def term(key: str, language: Language = "vi") -> str:
    """A term in one language; raises ``KeyError`` for a key that is not listed."""
    return _TERMS[key][LANGUAGES.index(language)]


def both(key: str) -> str:
    """A term in both languages: Vietnamese first, English after a stroke where it differs."""
    vietnamese, english = _TERMS[key]
    return vietnamese if vietnamese == english else f"{vietnamese} / {english}"
