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
    "who": ("Ai đã bay ở đây?", "Who flew here?"),
    "who_help": (
        "Tìm các chuyến bay gần một điểm trong một khoảng thời gian.",
        "Finds the flights near a place within a span of time.",
    ),
    "who_all": ("Tìm trong tất cả hợp tác xã.", "All cooperatives are searched."),
    "who_own": ("Chỉ tìm trong hợp tác xã của mình.", "Only the own cooperative is searched."),
    "who_audit": ("Mỗi lần tìm đều được ghi vào nhật ký.", "Every search is written down."),
    "who_place": ("Vị trí (vĩ độ, kinh độ)", "Place (latitude, longitude)"),
    "who_day": ("Ngày", "Day"),
    "who_from": ("Từ", "From"),
    "who_to": ("Đến", "To"),
    "who_radius": ("Bán kính", "Radius"),
    "who_reason": ("Lý do tìm (số đơn, người phản ánh)", "Why you ask (number of the complaint, who complained)"),
    "who_found": ("Chuyến bay tìm thấy", "Flights found"),
    "who_none": (
        "Không có chuyến bay nào đã ghi nhận ở đó. Máy bay không kết nối với hệ thống thì không có ở đây.",
        "No recorded flight was there. Drones that are not connected to the platform are not known here.",
    ),
    "who_spray": ("Vệt phun gần nhất", "Nearest spray"),
    "who_over": ("phun ngay tại điểm này", "right on this place"),
    "who_from_here": ("cách điểm này {} m", "{} m from this place"),
    "who_no_spray": ("không phun trong thời gian này", "did not spray at that time"),
    "who_within": ("Đã phun trong bán kính", "Sprayed within the radius"),
    "who_nearest": ("Máy bay gần nhất", "Drone at its nearest"),
    "who_pilot": ("Người bay", "Pilot"),
    "who_product": ("Thuốc", "Product"),
    "who_wind": ("Gió lúc đó", "Wind then"),
    "who_wind_from": ("từ hướng", "from the"),
    "who_downwind": ("điểm này ở cuối gió", "this place lay downwind"),
    "who_upwind": ("điểm này không ở cuối gió", "this place did not lie downwind"),
    "who_unknown": ("không có thông tin", "not known"),
    "who_thin": (
        "Chưa biết bề rộng vệt phun: khoảng cách tính đến đường bay.",
        "The swath width is not known: distances are to the path flown.",
    ),
    "who_more": ("Còn {} chuyến bay nữa: hãy thu hẹp thời gian hoặc bán kính.", "{} more: shorten time or radius."),
    "who_picture": ("Chuyến bay quanh điểm", "The flight around the place"),
    "who_legend": (
        "Chấm đỏ: điểm được hỏi. Đường đen: đường bay. Xanh: chỗ đã phun trong bán kính. Bắc ở trên.",
        "Red dot: the place. Black line: the path flown. Green: sprayed within the radius. North is up.",
    ),
    "who_doubt": (
        "Kết quả nói máy bay đã ở đâu và phun ở đâu theo nhật ký; không nói thuốc đã trôi đến đâu.",
        "This says where drones were and sprayed by their logs; it does not say where drift went.",
    ),
    "who_bad_place": (
        "Không đọc được vị trí. Ghi như bản đồ: 9.285000, 105.725000",
        "The place cannot be read. Write it as maps do: 9.285000, 105.725000",
    ),
    "who_bad_time": ("Ngày giờ không đúng, hoặc giờ kết thúc trước giờ bắt đầu.", "The times are wrong."),
    "who_bad_radius": ("Hãy chọn bán kính trong danh sách.", "Choose a radius of the list."),
    "who_bad_reason": ("Hãy ghi lý do, ít nhất 10 ký tự.", "Say why you ask, in 10 letters at least."),
    "who_too_wide": (
        "Quá nhiều chuyến bay. Hãy thu hẹp thời gian hoặc bán kính.",
        "Too many flights. Ask for a shorter time or a smaller radius.",
    ),
    "live": ("Trực tiếp", "Live"),
    "live_off": ("Mất kết nối, đang thử lại", "Not connected, trying again"),
    "live_store": ("Chỉ có vị trí: chưa nối máy chủ MQTT", "Positions only: no MQTT broker"),
    "live_flying": ("Đang bay", "In the air"),
    "live_nobody": ("Không có máy bay nào đang bay.", "No drone is in the air."),
    "live_alerts": ("Cảnh báo", "Alerts"),
    "live_no_script": ("Trang tự làm mới mỗi 30 giây.", "The page refreshes itself every 30 seconds."),
    "login": ("Đăng nhập", "Log in"),
    "logout": ("Đăng xuất", "Log out"),
    "account": ("Tài khoản", "Account"),
    "password": ("Mật khẩu", "Password"),
    "code": ("Mã xác thực (nếu có)", "Code of the second factor (where there is one)"),
    "login_wrong": (
        "Tài khoản, mật khẩu hoặc mã xác thực không đúng, hoặc tài khoản đã bị khóa.",
        "The account, the password or the code is wrong, or the account is disabled.",
    ),
    "login_wait": (
        "Thử quá nhiều lần. Vui lòng đợi 15 phút rồi thử lại.",
        "Too many attempts. Please wait 15 minutes and try again.",
    ),
    "login_stale": (
        "Trang này đã cũ hoặc trình duyệt chặn cookie. Vui lòng thử lại.",
        "This page was too old, or the browser blocks cookies. Please try again.",
    ),
    "sign_on": ("Đăng nhập một lần", "Single sign-on"),
    "sign_on_by": ("Đăng nhập qua {}", "Log in by {}"),
    "sign_on_refused": (
        "Chưa vào được: nơi đăng nhập không xác nhận, hoặc bạn chưa có tài khoản ở đây. Hãy hỏi người quản trị.",
        "Not let in: the provider did not vouch for you, or no account here is yours. Ask the administrator.",
    ),
    "sign_on_away": (
        "Nơi đăng nhập một lần không trả lời. Vui lòng thử lại sau, hoặc đăng nhập bằng mật khẩu.",
        "The sign-on provider does not answer. Please try later, or log in with your password.",
    ),
    "code_title": ("Mã xác thực", "Second factor"),
    "code_of_app": ("Mã trong ứng dụng xác thực", "Code of your authenticator application"),
    "code_wrong": ("Mã không đúng, hoặc đã dùng rồi.", "The code is wrong, or was used already."),
    "login_help": (
        "Quên mật khẩu? Người quản trị cấp lại bằng lệnh: canhdong account reset",
        "Forgotten? The administrator gives a new one by: canhdong account reset",
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
    "wind_direction": ("Hướng gió thổi từ", "Wind from"),
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
