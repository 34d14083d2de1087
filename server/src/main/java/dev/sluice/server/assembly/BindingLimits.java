package dev.sluice.server.assembly;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.bots.SetLimits;
import dev.sluice.telegram.BotId;
import java.util.function.Function;

/** What binds each bot's messages now: the settings, and over them what was set while it runs. Thread-safe, never waits. */
final class BindingLimits implements Function<BotId, TelegramLimits> {
    private final TelegramLimits settings;

    /** The registry is opened after those that ask here, and before anybody calls. */
    private volatile Function<BotId, SetLimits> set = bot -> SetLimits.NONE;

    BindingLimits(TelegramLimits settings) {
        this.settings = settings;
    }

    void follow(Bots bots) {
        set = bots::limits;
    }

    TelegramLimits settings() {
        return settings;
    }

    @Override
    public TelegramLimits apply(BotId bot) {
        return set.apply(bot).over(settings);
    }
}
