"""What each panel and board shows, behind its ⓘ."""

from __future__ import annotations

from typing import Final

from dashboards.language import Text

BOARD_FLEET_ABOUT: Final = Text(
    "Đội bay đang làm gì: ở đâu, pin, bình, đã làm bao nhiêu hôm nay, cảnh báo.",
    "What the fleet is doing: where, with what battery and tank, how much was done today, alerts.",
)
BOARD_FLIGHT_ABOUT: Final = Text(
    "Một chuyến bay: đường bay, phun hay không, lưu lượng, liều, tốc độ, chỗ mất tin.",
    "One flight: track, spray, flow, dose, speed, gaps in telemetry.",
)
BOARD_PLOTS_ABOUT: Final = Text(
    "Thửa nào đã làm, bỏ sót ở đâu, chồng lấn bao nhiêu, lần cuối khi nào.",
    "Which plots were treated, what was missed, how much twice, and when last.",
)
BOARD_PROVINCE_ABOUT: Final = Text(
    "Cả tỉnh đã làm gì và có tuân thủ không; số liệu của ít hơn ba hộ không được công bố.",
    "What was done in the province and whether rules were kept; figures of fewer than three farms are withheld.",
)
BOARD_SENSORS_ABOUT: Final = Text(
    "Nước, mặn, thời tiết, đất, và cảm biến nào im lặng.", "Water, salt, weather, soil, and which sensors are silent."
)
BOARD_QUALITY_ABOUT: Final = Text(
    "Dữ liệu đúng, đủ, sạch, sống đến đâu, và sổ cái đằng sau.",
    "How correct, complete, clean and live the data is, and the ledger behind it.",
)
BOARD_PLATFORM_ABOUT: Final = Text(
    "Việc nhận và lưu dữ liệu: tốc độ, hàng đợi, bản tin hỏng, thời gian ghi.",
    "Taking in and storing data: rates, spool, dead letters, latency.",
)
NOW_ABOUT: Final = Text(
    "Máy bay báo tin và phun trong 5 phút qua; cảnh báo của 24 giờ qua còn đang xảy ra.",
    "Drones heard and spraying in the last 5 minutes; alerts of the last 24 hours that still stand.",
)
TODAY_ABOUT: Final = Text(
    "Các chuyến bay đã kết thúc từ nửa đêm giờ địa phương.", "Flights that ended since local midnight."
)
WHERE_ABOUT: Final = Text(
    "Vị trí mới nhất; tam giác chỉ hướng bay, xanh lá là đang phun. Nền là các thửa.",
    "Last positions; triangles point ahead, green ones spray. Plots lie below.",
)
DRONES_ABOUT: Final = Text(
    "Tin mới nhất của từng máy bay. Bấm vào tên để mở chuyến bay.",
    "The last fix of each drone. Click a name to open its flight.",
)
SPRAYING_OVER_TIME_ABOUT: Final = Text("Thiết bị phun bật hay tắt.", "Whether the implement was on.")
AREA_BY_DAY_ABOUT: Final = Text(
    "Diện tích thật đã làm (không tính chồng lấn) trong 14 ngày qua, theo việc.",
    "Net area of the last 14 days, by operation.",
)
FLIGHTS_OF_TODAY_ABOUT: Final = Text(
    "Bấm vào tên máy bay để xem riêng chuyến đó. Hạng A đến D: mức tin cậy của diện tích.",
    "Click a drone's name for that flight alone. Grades A to D say how far the area can be trusted.",
)
ALERTS_ABOUT: Final = Text(
    "Cảnh báo khi bay, 24 giờ qua, mới nhất ở trên.", "Alerts in flight of the last 24 hours, the newest first."
)
ALERTS_IN_RANGE_ABOUT: Final = Text(
    "Cảnh báo khi bay trong khoảng này, mới nhất ở trên.", "Alerts in flight of this range, the newest first."
)
ALERTS_BY_DAY_ABOUT: Final = Text(
    "Số cảnh báo mỗi ngày trong 14 ngày qua, theo loại.", "Alerts a day over the last 14 days, by kind."
)
BATTERY_ABOUT: Final = Text(
    "Dưới 40 % là cẩn thận, dưới 25 % là phải về.", "Caution below 40 %, time to return below 25 %."
)
TANK_ABOUT: Final = Text("Lượng còn trong bình.", "What is left in the tank.")
LINK_ABOUT: Final = Text(
    "Đỏ: lúc đó không có tin nào của máy bay.", "Red: nothing was heard of the drone at that time."
)
MINUTES_ON_ABOUT: Final = Text(
    "Số phút thiết bị phun bật, 14 ngày qua, theo máy bay.",
    "Minutes with the implement on over the last 14 days, by drone.",
)
FLIGHT_SUMMARY_ABOUT: Final = Text(
    "Kết quả của chuyến bay cuối cùng trong khoảng thời gian của bảng.",
    "Results of the last flight in the board's range.",
)
TRACK_ABOUT: Final = Text("Đường bay; xanh lá là chỗ thiết bị bật.", "The way flown; green where the implement was on.")
MODE_ABOUT: Final = Text(
    "Ai điều khiển: máy, đường AB, người lái.", "Who steered: the autopilot, A–B lines, the pilot."
)
RECEIVER_ABOUT: Final = Text(
    "Mức chính xác của định vị; diện tích tin cậy nhất khi có RTK.",
    "How exact positions are; areas are most certain with RTK.",
)
FLOW_PLAN_ABOUT: Final = Text(
    "Lưu lượng đo được, và lưu lượng cần cho liều kế hoạch (ô ở trên) với tốc độ và bề rộng này.",
    "Measured flow, and the flow that the planned dose (box above) takes at this speed and width.",
)
DOSE_ABOUT: Final = Text(
    "Liều rơi xuống: lưu lượng chia cho tốc độ và bề rộng, khi đang phun.",
    "What comes down: flow by speed and width, while spraying.",
)
SPEED_ABOUT: Final = Text("Tốc độ so với mặt đất.", "Speed over the ground.")
HEIGHT_ABOUT: Final = Text(
    "Độ cao như máy bay báo (trên điểm cất cánh, cây hoặc đất).",
    "Height as the drone tells it (above take-off, crop or ground).",
)
TANK_BATTERY_ABOUT: Final = Text("Lượng trong bình (trái) và pin (phải).", "Tank (left) and battery (right).")
GAPS_ABOUT: Final = Text(
    "Khoảng dài nhất giữa hai tin; trên 30 giây là mất tin.",
    "The longest time between two fixes; over 30 s telemetry is lost.",
)
FLIGHT_PLOTS_ABOUT: Final = Text(
    "Mỗi thửa được làm bao nhiêu trong khoảng này.", "What was done to each plot in this range."
)
EXPECTED_ABOUT: Final = Text(
    "Diện tích theo nhật ký, và diện tích thật ước tính với khoảng tin cậy 95 %.",
    "The area by the log, and the area expected in truth with its 95 % interval.",
)
FLIGHTS_ABOUT: Final = Text(
    "Bấm vào tên máy bay để thu bảng về riêng chuyến đó.", "Click a drone's name to narrow the board to that flight."
)
PLOTS_SUMMARY_ABOUT: Final = Text(
    "Các thửa được làm trong khoảng này, từng chuyến bay cộng lại.",
    "Plots treated in this range, added up over flights.",
)
PLOTS_MAP_ABOUT: Final = Text(
    "Xanh lá: đã phủ; vàng: một phần; đỏ: bỏ sót; xám: chưa làm. Chấm: lần làm cuối.",
    "Green: covered; amber: partly; red: missed; grey: never. Dots: last visits.",
)
LAST_VISITS_ABOUT: Final = Text(
    "Chuyến bay cuối trên từng thửa và đã bao lâu. Bấm vào thửa để chỉ xem thửa đó.",
    "The last flight over each plot, and how long ago. Click a plot to see it alone.",
)
PLOT_SUMS_ABOUT: Final = Text("Mọi chuyến bay trong khoảng này cộng lại.", "All flights of this range added up.")
MOST_MISSED_ABOUT: Final = Text("Phần thửa mà lần làm cuối bỏ sót.", "What the last visit left out.")
MOST_OVERLAP_ABOUT: Final = Text("Phần thửa mà lần làm cuối làm hai lần.", "What the last visit treated twice.")
PLOT_AREA_BY_DAY_ABOUT: Final = Text(
    "Diện tích thật trong các thửa, theo ngày và việc.", "Net area inside plots, by day and operation."
)
AMOUNT_BY_DAY_ABOUT: Final = Text(
    "Lít và kilôgam rơi trong các thửa.", "Litres and kilograms that came down inside plots."
)
DOSE_BY_VISIT_ABOUT: Final = Text("Một điểm là một chuyến bay trên một thửa.", "A point is one flight over one plot.")
DOSE_CV_ABOUT: Final = Text(
    "Hệ số biến thiên của liều trong thửa: càng thấp càng đều.",
    "The dose's coefficient of variation inside the plot: the lower the more even.",
)
PROVINCE_SUMMARY_ABOUT: Final = Text(
    "Tổng của toàn tỉnh, trừ những ngày không được công bố.", "Sums of the province, without days that are withheld."
)
RULES_ABOUT: Final = Text(
    "Chuyến bay lúc thời tiết tốt, lít trong vùng đệm, và chuyến bay thiếu đăng ký.",
    "Flights in good weather, litres inside buffers, and flights that lack a registration.",
)
PROVINCE_AREA_ABOUT: Final = Text(
    "Diện tích thật của toàn tỉnh theo ngày và việc, trừ phần không công bố.",
    "The province's net area by day and operation, without what is withheld.",
)
BY_PRODUCT_ABOUT: Final = Text(
    "Nhóm theo sâu bệnh mà thuốc được đăng ký, trừ phần không công bố.",
    "By the pests that products are registered against, without what is withheld.",
)
LARGEST_COMMUNES_ABOUT: Final = Text(
    "Mười lăm xã có diện tích lớn nhất, theo mã xã.", "The fifteen communes with the most area, by code."
)
COMMUNES_ABOUT: Final = Text(
    "Tổng từng xã. Bấm vào xã để chỉ xem xã đó.", "Sums of each commune. Click one to see it alone."
)
COMMUNE_BY_DAY_ABOUT: Final = Text("Các xã đã chọn, theo ngày.", "The chosen communes, by day.")
DRONES_ACTIVE_ABOUT: Final = Text(
    "Số máy bay làm việc và số hộ được làm.", "Drones that worked and farms that were treated."
)
HOURS_BY_DAY_ABOUT: Final = Text(
    "Từ cất cánh đến hạ cánh của mọi chuyến có phun.", "From take-off to landing of all flights that treated."
)
PROVINCE_AMOUNT_ABOUT: Final = Text("Lít và kilôgam của toàn tỉnh.", "Litres and kilograms of the province.")
WEATHER_BY_DAY_ABOUT: Final = Text(
    "Theo phút phun xấu nhất của chuyến bay.", "By the worst minute of spraying of a flight."
)
PAPERS_ABOUT: Final = Text(
    "Thuốc không có trong danh mục, phi công không có giấy phép, máy bay không đăng ký.",
    "Products not on the list, pilots without licence, drones without registration.",
)
PAPERS_UNKNOWN_ABOUT: Final = Text("Không rõ không có nghĩa là sai.", "Unknown is not the same as wrong.")
BUFFERS_ABOUT: Final = Text(
    "Lượng rơi trong khoảng cách phải giữ với ao, kênh, nhà, tổ ong.",
    "What came down within the distances to keep from ponds, canals, houses, hives.",
)
RULES_BY_COMMUNE_ABOUT: Final = Text(
    "Từng xã; xã ít hơn ba hộ không được công bố.", "By commune; those of fewer than three farms are withheld."
)
CELLS_ABOUT: Final = Text("Từng dòng của số liệu tổng hợp.", "The rows of the roll-up.")
WITHHELD_ABOUT: Final = Text(
    "Xã có ít hơn ba hộ được làm trong ngày (hoặc có thể suy ra từ phép trừ).",
    "Communes in which fewer than three farms were treated that day (or that could be had by subtraction).",
)
SENSORS_NOW_ABOUT: Final = Text(
    "Trong 3 giờ qua: cảm biến báo tin, mực nước thấp nhất, độ mặn cao nhất, gió.",
    "Of the last 3 hours: sensors heard, lowest water, highest salinity, wind.",
)
WINDOW_ABOUT: Final = Text(
    "Phun khi cả bốn dòng đều xanh. Gió 1–3 m/s, giật dưới 4, Delta T 2–8, không mưa.",
    "Spray while all four rows are green. Wind 1–3 m/s, gusts below 4, Delta T 2–8, no rain.",
)
WATER_LEVEL_ABOUT: Final = Text(
    "So với mặt đất. Ngập khô xen kẽ (AWD): bơm lại khi xuống 15 cm dưới mặt đất.",
    "Relative to the soil. Alternate wetting and drying: flood again at 15 cm below the soil.",
)
SALINITY_ABOUT: Final = Text(
    "Từ 1 g/L phải để ý, từ 4 g/L ngừng lấy nước.", "From 1 g/L watch it, from 4 g/L take in no more water."
)
SOIL_MOISTURE_ABOUT: Final = Text("Phần trăm thể tích nước trong đất.", "Water in the soil, percent by volume.")
SENSOR_BATTERY_ABOUT: Final = Text("Dưới 25 % thì nên thay.", "Below 25 % it is time to change it.")
AIR_ABOUT: Final = Text("Trung bình các trạm thời tiết.", "Means of the weather stations.")
DELTA_T_ABOUT: Final = Text(
    "Chênh lệch nhiệt độ khô và ướt; tốt nhất là 2 đến 8.", "Wet-bulb depression; 2 to 8 is best."
)
WIND_AND_GUSTS_ABOUT: Final = Text(
    "Trung bình các trạm và gió giật mạnh nhất.", "Mean of the stations and the strongest gust."
)
RAIN_BY_DAY_ABOUT: Final = Text(
    "Bộ đếm mưa tăng bao nhiêu trong ngày địa phương.", "How far rain counters rose in a local day."
)
LAST_VALUES_ABOUT: Final = Text(
    "Mỗi dòng là giá trị cuối và đã bao lâu; cũ là cảm biến có vấn đề.",
    "A row is a last value and how long ago; an old one means trouble.",
)
SENSOR_LINK_ABOUT: Final = Text(
    "Đỏ: lúc đó cảm biến không báo gì.", "Red: nothing was heard of the sensor at that time."
)
SCORES_ABOUT: Final = Text(
    "Của cả hợp tác xã, ngày cuối. Đúng: không bị từ chối; đủ: đã đến; sạch: không có gì lạ; sống: đến trong 60 giây.",
    "Of the cooperative, last day. Correct: not rejected; complete: came; clean: nothing odd; live: within 60 s.",
)
SCORES_BY_DAY_ABOUT: Final = Text("Của cả hợp tác xã, theo ngày địa phương.", "Of the cooperative, by local day.")
COMPLETE_BY_DEVICE_ABOUT: Final = Text(
    "Phần đã đến của những gì lẽ ra phải đến, mỗi ngày.", "Of what should have come, what did, by day."
)
LIVE_BY_DEVICE_ABOUT: Final = Text("Phần đến trong vòng 60 giây, mỗi ngày.", "What came within 60 s, by day.")
CORRECT_BY_DEVICE_ABOUT: Final = Text(
    "Phần không bị từ chối và không mâu thuẫn, mỗi ngày.", "What was neither rejected nor contradicted, by day."
)
CLEAN_BY_DEVICE_ABOUT: Final = Text("Phần không có gì bất thường, mỗi ngày.", "What had nothing odd about it, by day.")
DEVICES_ABOUT: Final = Text(
    "Điểm số ngày cuối của từng thiết bị, thiếu nhất ở trên.",
    "The last day's scores of each device, the least complete first.",
)
WORST_DAYS_ABOUT: Final = Text(
    "Mười lăm thiết bị có ngày thiếu nhiều nhất trong khoảng này.",
    "The fifteen devices whose worst day of this range lacks most.",
)
LEDGER_ABOUT: Final = Text(
    "Trang cuối của sổ cái: đã nhận = đã lưu + trùng + mâu thuẫn + bị từ chối.",
    "The ledger's last page: received = stored + duplicates + conflicts + rejected.",
)
MISSING_OVER_TIME_ABOUT: Final = Text(
    "Số mẫu còn thiếu theo số thứ tự, từ lần khởi động cuối.", "Samples missing by their numbers, since the last boot."
)
REJECTED_OVER_TIME_ABOUT: Final = Text(
    "Số mẫu bị từ chối, từ lần khởi động cuối.", "Samples rejected since the last boot."
)
CLOCKS_ABOUT: Final = Text(
    "Đồng hồ sai làm sai giờ của dữ liệu; độ lệch dương là chậm.",
    "A wrong clock dates data wrongly; a positive offset is slow.",
)
CLOCK_CHANGES_ABOUT: Final = Text(
    "Khi nào đồng hồ bắt đầu sai, và khi nào đúng lại.",
    "When clocks began to be wrong, and when they were right again.",
)
PLATFORM_NOW_ABOUT: Final = Text(
    "Trung bình 5 phút qua của mọi tiến trình.", "Means of the last 5 minutes over all processes."
)
MESSAGES_ABOUT: Final = Text(
    "Bản tin MQTT nhận mỗi giây, theo tiến trình.", "MQTT messages received a second, by slot."
)
FIXES_ABOUT: Final = Text("Mẫu được lưu mỗi giây, theo tiến trình.", "Samples stored a second, by slot.")
SPOOL_ABOUT: Final = Text(
    "Những gì đã nhận chắc chắn nhưng chưa lưu xong.", "What is safely received and not yet stored."
)
WAITING_ABOUT: Final = Text("Bản tin chưa kịp vào hàng đợi.", "Messages that are not in a spool yet.")
STORE_LATENCY_ABOUT: Final = Text(
    "Thời gian trung bình của một lần ghi vào kho, mili giây.", "The mean time of a write to the store, milliseconds."
)
FAULTS_ABOUT: Final = Text(
    "Những mẫu không được lưu như mới, mỗi giây, mọi tiến trình.",
    "Samples that were not stored as new ones, a second, over all slots.",
)
DEAD_LETTERS_ABOUT: Final = Text(
    "Bản tin không đọc được, giữ lại để phát lại.", "Messages that could not be read, kept for replay."
)
DEAD_LETTERS_BY_REASON_ABOUT: Final = Text(
    "Số bản tin giữ lại lúc này, theo lý do.", "How many are kept now, by reason."
)
LEDGER_TODAY_ABOUT: Final = Text(
    "Mẫu còn thiếu và số chỗ hổng hôm nay, mọi hợp tác xã.", "Samples missing and gaps of today, over all cooperatives."
)
DEVICES_HEARD_ABOUT: Final = Text("Số thiết bị báo tin, mọi hợp tác xã.", "Devices heard, over all cooperatives.")
SLOTS_ABOUT: Final = Text(
    "Báo cáo cuối của từng tiến trình, từ khi khởi động.", "The last report of each slot, since it was started."
)
SLOTS_ALIVE_ABOUT: Final = Text("Đỏ: lúc đó tiến trình không báo.", "Red: the slot did not report at that time.")
