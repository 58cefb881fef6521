"""Real files with answers that are known from elsewhere (MANIFEST.md of the shared data)."""

from __future__ import annotations

import numpy as np
import pytest

from land.fieldfile import examine
from tests.support.shared import shared

ACP = "isoxml/isoxml-dotnet_Another-single-ACP.zip"
DART = "isoxml/isoxml-dart_folder_test.zip"
FORAGER = "isoxml/agrirouter_big_taskdata_forage_harvester.zip"
WARDS = ["14_ganh_hao_xa", "20_hong_dan_xa", "34_ninh_quoi_xa", "3_bac_lieu_phuong", "64_vinh_trach_phuong"]


def test_ca_mau() -> None:
    (feature,) = examine(shared("vietnam/camau_sapnhap_ti34.geojson")).features
    assert feature.area_m2 / 1e6 == pytest.approx(7_614.3, abs=0.1)
    assert feature.made is not None
    for ward in WARDS:
        (commune,) = examine(shared(f"vietnam/camau_ward_{ward}.geojson")).plots
        inside = commune.boundary.intersection(feature.made.boundary).area / commune.boundary.area
        assert inside > 0.95, f"{ward}: the coast is drawn in two ways"


def test_field_register_of_hammertelgen() -> None:
    found = examine(shared("fields/agrirouter_small_shape.zip"), crs="EPSG:4326")
    assert sum(f.status == "refused" for f in found.features) == 3, "the zips inside hold three of the four again"
    areas = {p.name: f.area_m2 for f in found.features if (p := f.made) is not None}
    assert areas["Hammertelgen"] == pytest.approx(30_475, abs=1)
    assert areas["Hammertelgen"] == pytest.approx(30_482, rel=0.001)


def test_declared_areas_of_a_terminal() -> None:
    found = examine(shared(ACP))
    errors = {p.plot: f.area_m2 / p.declared_area_m2 - 1.0 for f in found.features if (p := f.made) is not None}
    assert len(errors) == 10
    assert {plot for plot, error in errors.items() if abs(error) > 0.001} == {"PFD-4", "PFD-5", "PFD-8"}
    with_code = next(f for f in found.features if f.plot == "fb86b69feb5d4f35bcbf91fc5fdcbb97")
    assert with_code.area_m2 == pytest.approx(257_151.6, abs=0.1)


def test_declared_areas_of_linked_files() -> None:
    found = examine(shared(DART))
    errors = {p.name: f.area_m2 - p.declared_area_m2 for f in found.features if (p := f.made) is not None}
    assert len(errors) == 9
    odd = errors.pop("9 Test G-SDS 2019")
    assert odd == pytest.approx(-201.05, abs=0.1), "declared without its hole, a part of which sticks out"
    assert max(abs(error) for error in errors.values()) < 0.5
    assert found.features[0].plot == "8ec29caa-52e0-4e05-882c-946fe608", "its code, not the reference PFD1"


def test_fields_of_a_forager() -> None:
    found = examine(shared(FORAGER))
    ratios = [f.area_m2 / p.declared_area_m2 for f in found.features if (p := f.made) is not None]
    assert len(ratios) == 21
    assert np.median(ratios) == pytest.approx(1.0, abs=0.002)


def test_a_zip_with_bytes_before_it_and_corrupt_logs() -> None:
    assert len(examine(shared("isoxml/isoxml-dotnet_CorruptStream.zip")).plots) == 5
