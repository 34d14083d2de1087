package dev.sluice.server.settings;

import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * How many messages may leave. A capacity N and a refill rate r mean: at most N in any N/r seconds.
 *
 * @param chat per private chat
 * @param group per group, supergroup or channel
 * @param bot per bot, over all chats
 * @param user per user who writes to a bot; empty means no such limit
 * @param replies per bot, for replies, instead of {@code bot}; empty means that they are messages like others
 * @param vipUsers users whose chats go first and are not held by {@code user}
 * @param learns whether Telegram's 429 teaches a pace slower than these
 */
public record LimitSettings(
        Limit chat,
        Limit group,
        Limit bot,
        Optional<Limit> user,
        Optional<Limit> replies,
        Set<Long> vipUsers,
        boolean learns) {
    /** Telegram: about one message per second to one chat. */
    private static final Rate CHAT_DEFAULT = new Rate("1", "1.0");

    /** Telegram: 20 messages per minute to one group. */
    private static final Rate GROUP_DEFAULT = new Rate("20", "0.3333");

    /** Telegram: 30 messages per second in bulk. */
    private static final Rate BOT_DEFAULT = new Rate("30", "30.0");

    /** What {@code RATE_LIMIT_USER_CAPACITY} alone means: that many per minute for each one. */
    private static final BigDecimal USER_PRESET_RATE = new BigDecimal("0.016667");

    /** More would have to be remembered per bucket than a strict window can hold. */
    private static final int MOST = 10_000;

    private static final Duration LONGEST_WINDOW = Duration.ofDays(31);

    static final Pair CHAT = Pair.of("CHAT", "private chat", CHAT_DEFAULT);
    static final Pair GROUP = Pair.of("GROUP", "group or channel", GROUP_DEFAULT);
    static final Pair BOT = Pair.of("GLOBAL", "bot", BOT_DEFAULT);

    static final Setting<Optional<Integer>> USER_CAPACITY = Setting.of(
            "RATE_LIMIT_USER_CAPACITY",
            capacityOrOff(),
            "off",
            "Messages per user within its window; `off` for no such limit.");
    static final Setting<BigDecimal> USER_RATE = Setting.withoutDefault(
            "RATE_LIMIT_USER_REFILL_RATE",
            rate(),
            "How many per second come back for a user; 1 per minute unless set.");

    static final Setting<Optional<Integer>> REPLIES_CAPACITY = Setting.of(
            "RATE_LIMIT_REPLIES_CAPACITY",
            capacityOrOff(),
            "off",
            "N: replies per bot in any N/r seconds, which then do not count against RATE_LIMIT_GLOBAL_*; `off`: they do.");
    static final Setting<BigDecimal> REPLIES_RATE = Setting.withoutDefault(
            "RATE_LIMIT_REPLIES_REFILL_RATE",
            rate(),
            "r: how many replies per second come back for a bot; N unless set.");

    static final Setting<Set<Long>> VIP_USERS = Setting.withoutDefault(
            "SLUICE_VIP_USERS",
            Forms.userIds(),
            "Users whose messages go before all others, and past the limit per user; never past Telegram's.");

    static final Setting<Boolean> LEARN = Setting.of(
            "SLUICE_LEARN_LIMITS",
            Forms.bool(),
            "true",
            "Whether Telegram's 429 teaches a pace slower than the limits, which rises again with time.");

    static final List<Setting<?>> ALL = List.of(
            CHAT.capacity,
            CHAT.rate,
            GROUP.capacity,
            GROUP.rate,
            BOT.capacity,
            BOT.rate,
            USER_CAPACITY,
            USER_RATE,
            REPLIES_CAPACITY,
            REPLIES_RATE,
            VIP_USERS,
            LEARN);

    static LimitSettings read(Reading reading) {
        return new LimitSettings(
                CHAT.read(reading),
                GROUP.read(reading),
                BOT.read(reading),
                readUser(reading),
                readReplies(reading),
                reading.find(VIP_USERS).orElse(Set.of()),
                reading.get(LEARN));
    }

    /** These limits in the words of the core; paid broadcasts keep Telegram's own. */
    public TelegramLimits telegram() {
        return new TelegramLimits(bot, TelegramLimits.DOCUMENTED.paid(), chat, group, user).withReplies(replies);
    }

    private static Optional<Limit> readUser(Reading reading) {
        return readOptional(reading, USER_CAPACITY, USER_RATE, capacity -> USER_PRESET_RATE);
    }

    private static Optional<Limit> readReplies(Reading reading) {
        return readOptional(reading, REPLIES_CAPACITY, REPLIES_RATE, BigDecimal::valueOf);
    }

    /** @param preset the rate where none is set, of a capacity */
    private static Optional<Limit> readOptional(
            Reading reading,
            Setting<Optional<Integer>> ofCapacity,
            Setting<BigDecimal> ofRate,
            Function<Integer, BigDecimal> preset) {
        var capacity = reading.get(ofCapacity);
        if (capacity.isEmpty()) {
            if (reading.isSet(ofRate)) {
                reading.refuse(ofRate, "means nothing while " + ofCapacity.name() + " is off");
            }
            return Optional.empty();
        }
        var rate = reading.find(ofRate).orElseGet(() -> preset.apply(capacity.get()));
        return Optional.of(limit(reading, ofRate, capacity.get(), rate));
    }

    private static Form<Optional<Integer>> capacityOrOff() {
        return new Form<>(
                "off, or a whole number from 1 to " + MOST,
                text -> text.equalsIgnoreCase("off")
                        ? Optional.empty()
                        : Optional.of(Forms.integer(1, MOST).parse(text)));
    }

    private static Limit limit(Reading reading, Setting<?> blamed, int capacity, BigDecimal rate) {
        var millis = new BigDecimal(capacity).movePointRight(3).divide(rate, 0, RoundingMode.HALF_UP);
        if (millis.signum() < 1 || millis.compareTo(BigDecimal.valueOf(LONGEST_WINDOW.toMillis())) > 0) {
            reading.refuse(
                    blamed,
                    "capacity " + capacity + " at " + rate.toPlainString()
                            + " per second makes a window that is not between 1ms and 31d");
            return Limit.atMost(capacity, Duration.ofSeconds(1));
        }
        return Limit.atMost(capacity, Duration.ofMillis(millis.longValueExact()));
    }

    private static Form<BigDecimal> rate() {
        return Forms.decimal("0.000001", "10000000")
                .describedAs("messages per second from 0.000001 to 10000000, such as 0.5");
    }

    record Rate(String capacity, String perSecond) {}

    /** The two settings of one scope. */
    record Pair(Setting<Integer> capacity, Setting<BigDecimal> rate) {
        static Pair of(String scope, String what, Rate defaults) {
            return new Pair(
                    Setting.of(
                            "RATE_LIMIT_" + scope + "_CAPACITY",
                            Forms.integer(1, MOST),
                            defaults.capacity,
                            "N: messages per " + what + " in any N/r seconds."),
                    Setting.of(
                            "RATE_LIMIT_" + scope + "_REFILL_RATE",
                            LimitSettings.rate(),
                            defaults.perSecond,
                            "r: how many per second come back for a " + what + "."));
        }

        Limit read(Reading reading) {
            return limit(reading, reading.isSet(rate) ? rate : capacity, reading.get(capacity), reading.get(rate));
        }
    }
}
