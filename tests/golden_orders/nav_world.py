"""The golden orders' company in a NAV: the same records, offered by page services alone, with fields under captions."""

import random
from typing import ClassVar

from tests.golden_orders.order_worker import OrderWorker
from tests.golden_orders.world import World

from interlace.connectors.business_central.named_pages import NavPagesChannel
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.http import ChannelLimits
from interlace.connectors.sign_in import BasicSignIn
from interlace.domain.side import Side
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.products import PRODUCTS
from interlace.simulation.services import COMPANY, ERP_KEY, ERP_ORIGIN, ERP_USER, Services
from interlace.simulation.wire import REQUEST_LIFE_SECONDS, ProcessTransport


class NavServices(Services):
    """The CRM, and a NAV 2018 on the records of the ERP."""

    def _open_erp(self, image: bytes | None) -> ErpSandbox:
        options = ErpSandboxOptions(
            company=COMPANY,
            user=ERP_USER,
            access_key=ERP_KEY,
            seed=None if image is not None else self._rows,
            now=self.clock.now,
            randomness=self._randomness[Side.ERP],
            image=image,
            unpublished=self.unpublished,
            product=PRODUCTS["nav2018"],
        )
        return create_erp_sandbox(None, options)


class NavWorker(OrderWorker):
    """A process of Interlace whose connection is with NAV."""

    def __post_init__(self) -> None:
        OrderWorker.__post_init__(self)
        dice = random.Random(f"{self.process.name}|jitter")
        channel = NavPagesChannel(
            ERP_ORIGIN,
            BasicSignIn(ERP_USER, ERP_KEY),
            ChannelLimits(retries_max=3, wait_seconds_max=60.0),
            monotonic=self.clock.elapsed,
            epoch_seconds=self.clock.epoch_seconds,
            pause=self.process.pause,
            jitter=dice.random,
            transport=ProcessTransport(self.wire, self.process, Side.ERP),
        )
        settings = BusinessCentralSettings(
            company=COMPANY,
            has_api=False,
            page_size=self.page_sizes[0],
            max_request_life_seconds=REQUEST_LIFE_SECONDS,
            write_in_product=self.write_in_product,
        )
        self._erp = BusinessCentralService(channel, settings, today=lambda: self.clock.now().date())


class NavWorld(World):
    """The same books as in every other world, with a NAV at the one end."""

    services_of: ClassVar[type[Services]] = NavServices
    worker_of: ClassVar[type[OrderWorker]] = NavWorker
