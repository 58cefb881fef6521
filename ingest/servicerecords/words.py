"""The column names of flight records, in English, Chinese and Vietnamese, by the quantity that they hold.

Names are compared folded (:func:`fold`). English names are those of the DJI AG web service's records and of importers
and exporters that read them (``new_work_area``, ``spray_usage``, ``start_timestamp``, ``spray_width``, ``nickname``),
the Chinese ones those of agricultural-service platforms (作业面积, 用药量), the Vietnamese ones ours.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER: Final = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """A name for comparing: lower case, no diacritics, words joined by ``_`` (``sprayML``: ``spray_ml``)."""
    wide = unicodedata.normalize("NFKC", text).replace("đ", "d").replace("Đ", "D")
    plain = "".join(c for c in unicodedata.normalize("NFD", wide) if not unicodedata.combining(c))
    return _OTHER.sub("_", _CAMEL.sub("_", plain).lower()).strip("_")


_NAMES: Final[dict[str, str]] = {
    "time": "time timestamp datetime date_time gps_time utc_time record_time ts 时间 时间戳 定位时间 gps时间 记录时间 "
    "thoi_gian thoi_diem",
    "start": "start start_time start_timestamp start_datetime start_at started_at begin_time takeoff_time "
    "take_off_time flight_start begin 开始时间 起飞时间 作业开始时间 bat_dau thoi_gian_bat_dau gio_bat_dau "
    "gio_cat_canh thoi_gian_cat_canh",
    "end": "end end_time end_timestamp end_datetime end_at ended_at finish_time landing_time flight_end 结束时间 "
    "降落时间 作业结束时间 ket_thuc thoi_gian_ket_thuc gio_ket_thuc gio_ha_canh thoi_gian_ha_canh",
    "duration": "duration flight_duration work_time flight_time work_duration 时长 作业时长 飞行时长 thoi_gian_bay "
    "thoi_luong thoi_gian_phun",
    "lat": "lat latitude 纬度 vi_do",
    "lon": "lon lng long longitude 经度 kinh_do",
    "height": "height altitude alt radar_height flight_height relative_height 高度 飞行高度 do_cao do_cao_bay",
    "speed": "speed flight_speed work_speed ground_speed velocity 速度 飞行速度 作业速度 toc_do toc_do_bay",
    "heading": "heading course yaw 航向 航向角 huong huong_bay",
    "width": "spray_width swath swath_width width work_width working_width 喷幅 幅宽 作业幅宽 喷洒幅宽 be_rong_phun "
    "chieu_rong_phun do_rong_phun be_rong_vet_phun",
    "flow": "flow flow_rate spray_flow spray_flow_rate spray_rate flow_speed 流量 喷洒流量 流速 luu_luong "
    "luu_luong_phun",
    "state": "spray_state spray_status spraying is_spraying spray_on pump pump_state pump_status work_state "
    "work_status 喷洒状态 作业状态 水泵状态 trang_thai_phun dang_phun",
    "tank": "tank tank_level tank_remaining remaining remaining_liquid liquid_level 药箱余量 余量 剩余药量 液位 "
    "luong_thuoc_con_lai con_lai_trong_binh muc_binh",
    "area": "area spray_area sprayed_area work_area new_work_area operation_area treated_area actual_area area_covered "
    "面积 作业面积 喷洒面积 实际作业面积 dien_tich dien_tich_phun dien_tich_da_phun",
    "volume": "volume spray_volume spray_usage spray_amount liquid_usage application_volume actual_usage 用药量 喷洒量 "
    "药液用量 总用药量 喷洒总量 luong_thuoc luong_phun luong_thuoc_phun luong_nuoc_thuoc the_tich the_tich_phun",
    "mass": "sow_usage spread_usage spread_amount spread_mass 播撒量 播撒用量 luong_rai luong_phan luong_giong",
    "dose": "dose dosage dosage_per_mu application_rate 亩用量 每亩用量 lieu_luong",
    "distance": "distance flight_distance mileage 里程 飞行里程 quang_duong",
    "battery": "battery battery_percent battery_level 电量 pin muc_pin",
    "op": "task_type task_mode operation operation_type work_type 作业类型 任务类型 cong_viec loai_cong_viec "
    "loai_nhiem_vu",
    "serial": "serial_number serial sn drone_sn device_sn drone_serial aircraft_sn 序列号 飞机序列号 "
    "设备序列号 so_seri so_serial",
    "device": "nickname drone_name device_name aircraft_name drone_nickname drone device 飞机名称 设备名称 "
    "无人机名称 may_bay ten_may_bay ten_thiet_bi",
    "flight": "flight flight_id flight_record_number flight_number record_id task_id sortie_id 架次 架次编号 作业编号 "
    "chuyen_bay ma_chuyen ma_chuyen_bay so_chuyen",
    "datum": "coordinate_system coord_type coordinate_type 坐标系 he_toa_do",
}
QUANTITY: Final = {name: quantity for quantity, names in _NAMES.items() for name in names.split()}

_ON: Final = "1 true on yes open spraying working active 开 开启 是 喷洒 喷洒中 作业 作业中 bat dang_phun co phun"
_OFF: Final = (
    "0 false off no closed close idle stop stopped inactive transit 关 关闭 否 停止 未喷洒 空闲 tat khong ngung"
)
ON_WORDS: Final = frozenset(_ON.split())
OFF_WORDS: Final = frozenset(_OFF.split())
OPERATION_MARKS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("sow", ("sow", "seed", "播种", "gieo", "sa_lua")),
    ("spread", ("spread", "撒", "施肥", "rai", "bon_phan")),
    ("spray", ("spray", "喷", "打药", "植保", "phun")),
)
