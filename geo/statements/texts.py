"""What the sprayed-area statement says of its figures, in Vietnamese and English."""

from __future__ import annotations

from typing import Final

DEFINITIONS: Final[dict[str, tuple[str, str]]] = {
    "gross": (
        "Tổng diện tích của mọi dải phun; chỗ phun hai lần được tính hai lần (như bộ đếm trên máy).",
        "All strips added up; ground treated twice counts twice (as a machine's counter counts).",
    ),
    "net": (
        "Diện tích thực sự được phun trong thửa, mỗi chỗ chỉ tính một lần, theo đúng dữ liệu ghi được.",
        "Ground inside the plot that was treated, each spot counted once, as logged.",
    ),
    "net_expected": (
        "Diện tích phun thực có tính đến sai số định vị và mất tín hiệu; khoảng 95 % chứa giá trị thật 95/100 lần.",
        "Net area with the errors of positions and gaps counted in; the interval holds the true one 95 times in 100.",
    ),
    "trust": (
        "Hạng của dữ liệu, A tốt nhất đến D; hạng chung là hạng thấp nhất trong các phần.",
        "Letters of the data, A (best) to D; the whole has the worst letter of its parts.",
    ),
    "overlap": ("Diện tích được phun từ hai lần trở lên.", "Ground treated at least twice."),
    "missed": (
        "Diện tích thửa trừ đi diện tích phun thực.",
        "The plot's area minus the net area.",
    ),
    "off_target": (
        "Diện tích được phun nằm ngoài mọi thửa trong phiếu này.",
        "Treated ground outside every plot of this statement.",
    ),
    "dose": (
        "Lượng phun trong thửa chia cho diện tích phun thực.",
        "Volume released over the plot divided by the net area.",
    ),
    "dose_cv": (
        "Độ lệch chuẩn của liều lượng trên diện tích phun thực chia cho liều trung bình.",
        "Standard deviation of the dose over the net area, divided by its mean.",
    ),
    "meter": (
        "Tổng lượng theo lưu lượng kế của máy bay, cả phần ngoài thửa.",
        "All that was released, also off target, by the drone's flow meter.",
    ),
    "tank": (
        "Tổng lượng theo mức bình trước và sau, không kể phần châm thêm; độc lập với lưu lượng kế.",
        "The same by the fall of the tank's level, refills left out; owes nothing to the flow meter.",
    ),
    "season": (
        "Cộng các lần phun trong vụ; thửa phun hai lần được tính hai lần.",
        "All treatments of the season added up; a plot treated twice counts twice.",
    ),
}
"""What each figure means, in Vietnamese and English."""

WARNINGS: Final[dict[str, tuple[str, str]]] = {
    "swath": (
        "Khi máy bay không báo bề rộng phun, bề rộng đã khai báo {swath_m:g} m được sử dụng.",
        "Where the drone told no swath width, its registered width of {swath_m:g} m was used.",
    ),
    "swath_measured": (
        "Khi máy bay không báo bề rộng phun, bề rộng đo gần nhất {swath_m:g} m được sử dụng.",
        "Where the drone told no swath width, that of its last calibration, {swath_m:g} m, was used.",
    ),
    "rejected": (
        "{rejected} điểm định vị bị loại ({share:.1f} %): diện tích phun không được tính qua các điểm đó.",
        "{rejected} fixes were rejected ({share:.1f} %): nothing is counted as treated across them.",
    ),
    "bridged": (
        "{bridged_m:.0f} m đường phun nằm trong khoảng mất tín hiệu và được nối thẳng.",
        "{bridged_m:.0f} m of the treated distance lie in gaps of the telemetry and were bridged by straight lines.",
    ),
    "nothing": (
        "Không có diện tích nào được phun.",
        "Nothing was treated.",
    ),
    "off_target": (
        "{off_pct:.1f} % diện tích đã phun nằm ngoài thửa.",
        "{off_pct:.1f} % of the treated ground lies outside the plots.",
    ),
    "volume": (
        "Máy bay không báo lưu lượng: không tính được lượng phun và liều lượng.",
        "The drone told no flow: volume and dose are not known.",
    ),
}
"""What may have to be said; figures stand in braces."""
