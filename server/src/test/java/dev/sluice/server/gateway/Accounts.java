package dev.sluice.server.gateway;

import dev.sluice.server.gateway.Route.Account;
import dev.sluice.telegram.BotToken;

final class Accounts {
    static final Account BOT = of(GatewayFixture.TOKEN);

    private Accounts() {}

    static Account of(String token) {
        return new Account(BotToken.parse(token).orElseThrow(), false);
    }
}
