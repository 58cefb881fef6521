"""What the pages say beside the field's terms (:mod:`core.terms`), in Vietnamese and English."""

from __future__ import annotations

from typing import Final

from core.terms import LANGUAGES, Language, term

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("Cánh Đồng: diện tích phun hôm nay", "Cánh Đồng: sprayed area today"),
    "tagline": (
        "Máy bay phun thuốc và cảm biến đồng ruộng: phun được bao nhiêu, ở thửa nào.",
        "Spraying drones and field sensors: how much was really sprayed, and on which plot.",
    ),
    "other_language": ("English", "Tiếng Việt"),
    "sprayed_today": ("Đã phun hôm nay", "Treated today"),
    "flights_today": ("Chuyến bay hôm nay", "Flights today"),
    "plots_today": ("Thửa đã làm / tất cả", "Plots treated / all"),
    "released_today": ("Lượng đã phun", "Volume sprayed"),
    "no_flights": ("Hôm nay chưa có chuyến bay nào kết thúc.", "No flight has ended today yet."),
    "no_cooperatives": (
        "Chưa có hợp tác xã nào. Đăng ký bằng lệnh: canhdong cooperative add",
        "There is no cooperative yet. Register one with: canhdong cooperative add",
    ),
    "untouched": ("Thửa chưa làm hôm nay", "Plots not treated today"),
    "refreshes": ("Trang tự làm mới mỗi 5 giây.", "The page refreshes itself every 5 seconds."),
    "last_heard": ("Tin cuối", "Last heard"),
    "tank": ("Bình chứa", "Tank"),
    "battery": ("Pin", "Battery"),
    "speed": ("Tốc độ", "Speed"),
    "working": ("đang làm việc", "treating"),
    "not_working": ("không phun", "not treating"),
    "picture": ("Hình", "Picture"),
    "readings": ("Số đo mới nhất", "Latest readings"),
    "map": ("Sơ đồ các thửa ruộng", "Map of the plots"),
    "map_legend": (
        "Xanh đậm: đã phun kín; nhạt: phun một phần; trắng: chưa làm. Chấm: máy bay.",
        "Dark green: fully treated; light: in part; white: not yet. Dots: drones.",
    ),
    "print": ("In phiếu này", "Print this sheet"),
    "back": ("Về trang đầu", "Back to the first page"),
    "duration": ("Thời gian", "Duration"),
    "completeness": ("Độ đầy đủ của dữ liệu", "Completeness of the data"),
    "definitions": ("Cách tính", "How it is computed"),
    "warnings": ("Lưu ý", "Please note"),
    "signature_pilot": ("Người bay", "Pilot"),
    "signature_farmer": ("Nông dân", "Farmer"),
    "signature_cooperative": ("Đại diện hợp tác xã", "For the cooperative"),
    "algorithm": ("Phiên bản thuật toán", "Algorithm"),
    "input_hash": ("Mã băm dữ liệu vào", "Hash of the input"),
    "bridged": ("Nối qua chỗ mất tín hiệu", "Bridged across gaps"),
    "rejected": ("Điểm bị loại", "Fixes left out"),
    "none": ("không", "none"),
    "minutes": ("phút", "min"),
    "coordinates": (
        "Tọa độ WGS 84; diện tích tính trên mặt phẳng đẳng diện cục bộ.",
        "Coordinates WGS 84; areas computed in a local equal-area plane.",
    ),
    "times": ("Giờ Việt Nam (UTC+7)", "Vietnamese time (UTC+7)"),
    "air_temperature": ("Nhiệt độ", "Air temperature"),
    "relative_humidity": ("Độ ẩm", "Relative humidity"),
    "air_humidity": ("Độ ẩm không khí", "Air humidity"),
    "air_pressure": ("Khí áp", "Air pressure"),
    "rain_rate": ("Cường độ mưa", "Rain rate"),
    "rain_total": ("Tổng lượng mưa", "Rain total"),
    "light": ("Độ sáng", "Light"),
    "uv_index": ("Chỉ số UV", "UV index"),
    "soil_temperature": ("Nhiệt độ đất", "Soil temperature"),
    "soil_conductivity": ("Độ dẫn điện của đất", "Soil conductivity"),
    "water_conductivity": ("Độ dẫn điện của nước", "Water conductivity"),
    "water_pressure": ("Áp suất nước", "Water pressure"),
    "distance": ("Khoảng cách", "Distance"),
    "wind_speed": ("Tốc độ gió", "Wind speed"),
    "wind_gust": ("Gió giật", "Wind gust"),
    "wind_direction": ("Hướng gió", "Wind direction"),
    "rain": ("Mưa", "Rain"),
    "pressure": ("Áp suất", "Pressure"),
    "water_level": ("Mực nước", "Water level"),
    "salinity": ("Độ mặn", "Salinity"),
    "soil_moisture": ("Độ ẩm đất", "Soil moisture"),
    "water_temperature": ("Nhiệt độ nước", "Water temperature"),
    "battery_voltage": ("Điện áp pin", "Battery voltage"),
}


class Words:
    """All texts of a page in one language: ``words["net"]``."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __getitem__(self, key: str) -> str:
        if key in _WORDS:
            return _WORDS[key][LANGUAGES.index(self.language)]
        return term(key, self.language)

    def quantity(self, name: str) -> str:
        """What a sensor's quantity is called; its own name where there is no word for it."""
        return self[name] if name in _WORDS else name.replace("_", " ")
