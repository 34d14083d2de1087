package dev.sluice.server.worker;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Dispatch;
import dev.sluice.server.gateway.StoredCall;
import dev.sluice.telegram.BotToken;

/** Telegram, as workers need it. */
@FunctionalInterface
public interface Upstream {
    /** Tries once, as {@link dev.sluice.delivery.Sender} does. */
    Attempt send(BotToken token, StoredCall call, Dispatch dispatch) throws InterruptedException;
}
