"""Titles of alert rules, and what they tell whoever is alerted."""

from __future__ import annotations

from typing import Final

from dashboards.language import Text

RULE_SILENT: Final = Text("Máy bay mất tin khi đang bay", "Drone silent in flight")
RULE_SILENT_TOLD: Final = Text(
    "{{ $labels.device }} đang bay thì mất tin hơn 2 phút",
    "{{ $labels.device }} was moving and has been silent for over 2 minutes",
)
RULE_OUTSIDE: Final = Text("Phun ngoài thửa", "Spraying outside plots")
RULE_OUTSIDE_TOLD: Final = Text(
    "{{ $labels.device }} đang phun ngoài các thửa", "{{ $labels.device }} is spraying outside plots"
)
RULE_BUFFER: Final = Text("Phun trong vùng đệm", "Spraying in a buffer")
RULE_BUFFER_TOLD: Final = Text(
    "{{ $labels.device }} đang phun quá gần ao, kênh, nhà hoặc tổ ong",
    "{{ $labels.device }} is spraying too near to a pond, canal, house or hive",
)
RULE_WEATHER: Final = Text("Phun lúc thời tiết xấu", "Spraying in bad weather")
RULE_WEATHER_TOLD: Final = Text(
    "{{ $labels.device }} đang phun lúc thời tiết không cho phép",
    "{{ $labels.device }} is spraying in weather that does not allow it",
)
RULE_TANK: Final = Text("Bình và lưu lượng không khớp", "Tank and flow differ")
RULE_TANK_TOLD: Final = Text(
    "{{ $labels.device }}: bình vơi không khớp với lưu lượng báo",
    "{{ $labels.device }}: the tank does not empty as the flow says",
)
RULE_SALINITY: Final = Text("Nước mặn", "Salinity")
RULE_SALINITY_TOLD: Final = Text(
    "{{ $labels.device }}: {{ $values.B }} g/L, ngừng lấy nước",
    "{{ $labels.device }}: {{ $values.B }} g/L, take in no more water",
)
RULE_WATER: Final = Text("Mực nước thấp", "Water level")
RULE_WATER_TOLD: Final = Text(
    "{{ $labels.device }}: {{ $values.B }} m, đến lúc bơm nước",
    "{{ $labels.device }}: {{ $values.B }} m, time to flood",
)
RULE_STALE: Final = Text("Cảm biến im lặng", "Sensor stale")
RULE_STALE_TOLD: Final = Text(
    "{{ $labels.device }} không báo gì đã 6 giờ", "{{ $labels.device }} has told nothing for 6 hours"
)
RULE_CLOCK: Final = Text("Đồng hồ thiết bị sai", "Clock bad")
RULE_CLOCK_TOLD: Final = Text(
    "{{ $labels.device }} có đồng hồ sai, dữ liệu sẽ sai giờ",
    "{{ $labels.device }} has a wrong clock: its data is dated wrongly",
)
RULE_LETTERS: Final = Text("Có bản tin hỏng", "Dead letters")
RULE_LETTERS_TOLD: Final = Text(
    "{{ $values.B }} bản tin hỏng đang được giữ: canhdong deadletter list",
    "{{ $values.B }} dead letters are kept: canhdong deadletter list",
)
RULE_SPOOL: Final = Text("Hàng đợi đang dài ra", "Spool growing")
RULE_SPOOL_TOLD: Final = Text(
    "Hàng đợi của {{ $labels.slot }} dài thêm {{ $values.B }} byte trong 15 phút",
    "The spool of {{ $labels.slot }} grew by {{ $values.B }} bytes in 15 minutes",
)
