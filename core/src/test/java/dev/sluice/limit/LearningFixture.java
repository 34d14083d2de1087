package dev.sluice.limit;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** One bot's messages to a Telegram that says 429, through a limiter on a clock that the test sets. */
final class LearningFixture {
    private static final AtomicLong BOTS = new AtomicLong(40_000_000);
    static final Duration SECOND = Duration.ofSeconds(1);

    final BotId bot;
    final SettableMicros clock;
    final RateLimiter limiter;
    final TelegramLimits limits;

    LearningFixture(RateLimiter limiter, SettableMicros clock, TelegramLimits limits) {
        this(new BotId(BOTS.incrementAndGet()), limiter, clock, limits);
    }

    /** The same bot through another limiter. */
    LearningFixture(BotId bot, RateLimiter limiter, SettableMicros clock, TelegramLimits limits) {
        this.bot = bot;
        this.limiter = limiter;
        this.clock = clock;
        this.limits = limits;
    }

    static ChatId chat(long id) {
        return new ChatId(Long.toString(id));
    }

    List<Charge> charges(long chat) {
        return limits.charges(bot, Optional.of(chat(chat)), 1, false);
    }

    Decision tryAcquire(long chat) {
        return limiter.tryAcquire(Acquisition.of(charges(chat)));
    }

    /** One that must pass. */
    Allowed pass(long chat) {
        return switch (tryAcquire(chat)) {
            case Allowed allowed -> allowed;
            case Decision.Denied denied -> throw new AssertionError("denied: " + denied);
        };
    }

    Floods.Told flooded(long chat, Allowed admission, Duration retryAfter) {
        return limiter.flooded(new Flood(bot, Optional.of(chat(chat)), retryAfter, charges(chat), admission.at()));
    }

    /** Sends to that many chats at once, all of which are told 429; what came of the last. */
    Floods.Told flood(long firstChat, int chats) {
        var admissions = new ArrayList<Allowed>();
        for (long chat = firstChat; chat < firstChat + chats; chat++) {
            admissions.add(pass(chat));
        }
        var told = new Floods.Told(false, Optional.empty());
        for (int i = 0; i < chats; i++) {
            told = flooded(firstChat + i, admissions.get(i), SECOND);
        }
        return told;
    }

    Bucket botBucket() {
        return TelegramLimits.botBucket(bot);
    }

    Bucket chatBucket(long chat) {
        return TelegramLimits.chatBucket(bot, chat(chat));
    }

    Bucket groupBucket(long chat) {
        return TelegramLimits.groupBucket(bot, chat(chat));
    }

    Optional<LearnedPace> botPace() {
        return limiter.statistics(botBucket(), limits.bot()).learned();
    }

    Optional<LearnedPace> chatPace(long chat) {
        return limiter.statistics(chatBucket(chat), limits.chat()).learned();
    }

    Optional<LearnedPace> groupPace(long chat) {
        return limiter.statistics(groupBucket(chat), limits.group()).learned();
    }
}
