"""The service starts while many calls are up."""

from __future__ import annotations

import pytest

from callcenter.bench.hotline import BenchHotline
from callcenter.bench.phones import Plan, SeatPhones
from callcenter.lab.hotline_api import HotlineApi
from callcenter.lab.lab_file import LabFile
from callcenter.lab.layout import LabFolders
from callcenter.settings import Settings
from tests.integration.service.full_house import taken_over

pytestmark = pytest.mark.asterisk

WAITING = 40


async def test_service_that_starts_under_many_calls_adopts_all_of_them_and_dials_nobody(hotline):
    lab = LabFile.load(LabFolders(hotline.folder).description)
    settings = Settings.load(LabFolders(hotline.folder).settings)
    passwords = {seat.user: seat.password for seat in lab.seats}
    async with (
        HotlineApi(lab.api.url, lab.api.token) as api,
        SeatPhones(passwords, lab.sip.host, lab.sip.port, lambda seat: Plan()) as phones,
    ):
        floor = BenchHotline(hotline.folder, lab, settings, api)
        await floor.seats_are("ready")
        found = await taken_over(floor, phones, WAITING)
        await floor.is_quiet()
    assert (found.wrong, found.lost, found.rung_again) == ((), 0, 0)
