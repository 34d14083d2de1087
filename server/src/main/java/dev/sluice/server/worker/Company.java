package dev.sluice.server.worker;

import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageQueue;
import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.function.Predicate;

/** What is sent together with a message, and leased for it. */
@FunctionalInterface
interface Company {
    /** So many must wait behind it: fewer are sent within seconds, each for itself. */
    int BACKLOG = 5;

    /** May block, and throw {@link dev.sluice.redis.RedisUnavailableException}. */
    List<Leased> of(BotId bot, Leased message);

    /** @param joins whether a bot's short texts are joined */
    static Company in(MessageQueue queue, Predicate<BotId> joins) {
        return (bot, message) -> joins.test(bot) ? queue.claimAlong(message.lease(), BACKLOG) : List.of();
    }
}
