package dev.sluice.server.assembly;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.bots.LimitsListener;
import dev.sluice.telegram.BotId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets what waits by a bot's old limits be judged by the new ones: calls of this process, and the queue's messages. Each replica does so
 * when it hears of the change, and once more at its next look: by then no claim by the old limits is under way any more, here or at a
 * replica that had not heard yet. What could not be done is tried again at each look. Not thread-safe.
 */
final class LimitsWatch implements LimitsListener {
    private static final Logger log = LoggerFactory.getLogger(LimitsWatch.class);
    private static final int LOOKS = 2;

    private final Consumer<BotId> calls;
    private final Consumer<BotId> messages;
    private final Predicate<BotId> shadow;
    private final Map<BotId, Integer> looksLeft = new HashMap<>();
    private final Set<BotId> shadowed = new HashSet<>();

    /**
     * @param calls lets a bot's waiting calls try
     * @param messages lets its queued messages be claimed; may throw {@link RedisUnavailableException}
     * @param shadow whether its limits hold nobody back
     */
    LimitsWatch(Consumer<BotId> calls, Consumer<BotId> messages, Predicate<BotId> shadow) {
        this.calls = calls;
        this.messages = messages;
        this.shadow = shadow;
    }

    @Override
    public void looked(Set<BotId> changed) {
        for (BotId bot : changed) {
            looksLeft.put(bot, LOOKS);
            tellShadow(bot);
        }
        looksLeft.replaceAll((bot, left) -> {
            calls.accept(bot);
            try {
                messages.accept(bot);
                return left - 1;
            } catch (RedisUnavailableException e) {
                return left;
            }
        });
        looksLeft.values().removeIf(left -> left == 0);
    }

    private void tellShadow(BotId bot) {
        if (shadow.test(bot)) {
            if (shadowed.add(bot)) {
                log.atWarn().addKeyValue("bot", bot).log("the bot's limits are in shadow mode: they hold nobody back");
            }
        } else if (shadowed.remove(bot)) {
            log.atWarn().addKeyValue("bot", bot).log("the bot's limits are enforced again");
        }
    }
}
