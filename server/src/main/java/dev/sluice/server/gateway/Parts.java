package dev.sluice.server.gateway;

import dev.sluice.delivery.Delivery;
import io.vertx.core.Vertx;
import java.util.Optional;

/** What every request needs; without a queue every call is waited for. */
record Parts(
        Vertx vertx,
        GatewaySettings settings,
        Delivery delivery,
        Optional<CallQueue> queue,
        UpstreamClient upstream,
        TrustedTokens tokens,
        ChatDirectory chats,
        SpoolBudget spoolBudget,
        GatewayEvents events) {}
