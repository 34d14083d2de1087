package dev.sluice.server.gateway;

import dev.sluice.delivery.Delivery;
import io.vertx.core.Vertx;

/** What every request needs. */
record Parts(
        Vertx vertx,
        GatewaySettings settings,
        Delivery delivery,
        UpstreamClient upstream,
        TrustedTokens tokens,
        ChatDirectory chats,
        SpoolBudget spoolBudget,
        GatewayEvents events) {}
