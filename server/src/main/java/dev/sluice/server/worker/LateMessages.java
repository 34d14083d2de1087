package dev.sluice.server.worker;

import dev.sluice.queue.Leased;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Optional;

/** Hears of messages that are written long after they were claimed, so that their limits count from there. */
@FunctionalInterface
public interface LateMessages {
    LateMessages IGNORED = (bot, message, chat, late) -> {};

    /** May block, and throw {@link dev.sluice.redis.RedisUnavailableException}. */
    void tell(BotId bot, Leased message, Optional<ChatId> chat, Duration late);
}
