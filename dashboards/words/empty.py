"""What stands where there is nothing to show: why, and what would change that."""

from __future__ import annotations

from typing import Final

from dashboards.language import Text

NO_DRONE_HEARD: Final = Text("Chưa nghe máy bay nào trong khoảng này", "No drone was heard in this range")
NO_FLIGHT: Final = Text("Chưa có chuyến bay nào kết thúc trong khoảng này", "No flight has ended in this range")
NO_FLIGHT_TODAY: Final = Text("Hôm nay chưa có chuyến bay nào kết thúc", "No flight has ended today")
NO_FLIGHT_CHOSEN: Final = Text(
    "Máy bay này không bay trong khoảng này: chọn một chuyến bay ở bảng dưới",
    "This drone did not fly in this range: choose a flight in the table below",
)
NO_FLOW: Final = Text(
    "Không phun, hoặc máy bay không báo lưu lượng", "Nothing was sprayed, or the drone does not tell its flow"
)
NO_PLOT_TREATED: Final = Text("Chưa làm thửa nào trong khoảng này", "No plot was treated in this range")
NO_DOSE: Final = Text("Không biết liều lượng trong khoảng này", "No dose is known in this range")
NOTHING_MISSED: Final = Text("Không bỏ sót gì", "Nothing was missed")
NO_ALERT: Final = Text("Không có cảnh báo", "No alerts")
NO_SENSOR_HEARD: Final = Text("Chưa nghe cảm biến nào trong khoảng này", "No sensor was heard in this range")
NO_STATION_HEARD: Final = Text(
    "Chưa nghe trạm thời tiết nào trong khoảng này", "No weather station was heard in this range"
)
NO_QUALITY: Final = Text("Chưa có dữ liệu nào đến trong khoảng này", "No data came in this range")
CLOCKS_RIGHT: Final = Text("Mọi đồng hồ đều đúng", "All clocks are right")
NO_WORK_TOLD: Final = Text(
    "Không có số liệu được phép công bố trong khoảng này", "No figures that may be told in this range"
)
NO_INGESTER: Final = Text("Không có tiến trình nhận dữ liệu nào báo về", "No ingester reports")
NO_DEAD_LETTER: Final = Text("Không có bản tin hỏng", "No dead letters")
