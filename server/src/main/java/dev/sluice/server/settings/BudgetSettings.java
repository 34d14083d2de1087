package dev.sluice.server.settings;

import dev.sluice.budget.Budget;
import dev.sluice.budget.Whitelist;
import dev.sluice.budget.Window;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;

/**
 * How many messages a user has.
 *
 * @param limit within a window
 * @param window from when until when
 * @param whitelist who is counted and passes all the same
 */
public record BudgetSettings(long limit, Window window, Whitelist whitelist) {
    /** The name of the budget that the settings describe; stands in its keys. */
    private static final String NAME = "messages";

    /** The source's values: 30 a day, which begins with a user's first message. */
    private static final String DEFAULT_LIMIT = "30";

    private static final String DEFAULT_LENGTH = "86400";

    /** The fairest to users in different parts of the world. */
    private static final String DEFAULT_KIND = "first";

    private static final String DEFAULT_ZONE = "UTC";

    /** How a window begins and ends. */
    enum Kind {
        FIRST,
        IDLE,
        DAY
    }

    static final Setting<Integer> LIMIT = Setting.of(
            "MESSAGE_LIMIT",
            Forms.integer(0, (int) Budget.MOST),
            DEFAULT_LIMIT,
            "Messages that each user has in a window (docs/budgets.md).");
    static final Setting<Duration> LENGTH = Setting.of(
            "MESSAGE_LIMIT_TTL",
            Forms.duration(Duration.ofMillis(1), Window.LONGEST),
            DEFAULT_LENGTH,
            "Length of that window.");
    static final Setting<Kind> KIND = Setting.of(
            "MESSAGE_LIMIT_WINDOW",
            Forms.choice(Kind.class),
            DEFAULT_KIND,
            "The window begins with the `first` message; or ends when a user was `idle` for its length; or is the calendar's `day`.");
    static final Setting<ZoneId> ZONE = Setting.of(
            "MESSAGE_LIMIT_ZONE",
            new Form<>("a time zone such as UTC, Europe/Berlin or +03:00", BudgetSettings::zone),
            DEFAULT_ZONE,
            "Whose days, if MESSAGE_LIMIT_WINDOW is `day`.");
    static final Setting<Whitelist> WHITELIST = Setting.withoutDefault(
                    "WHITELISTED_USERS",
                    new Form<>(Whitelist.ACCEPTS + ", separated by commas", BudgetSettings::whitelist),
                    "Users who are counted and pass all the same: ids, and usernames in any case.")
            .secret();

    static final List<Setting<?>> ALL = List.of(LIMIT, LENGTH, KIND, ZONE, WHITELIST);

    static BudgetSettings read(Reading reading) {
        Kind kind = reading.get(KIND);
        if (kind == Kind.DAY && reading.isSet(LENGTH)) {
            reading.refuse(LENGTH, "means nothing while MESSAGE_LIMIT_WINDOW is day");
        }
        if (kind != Kind.DAY && reading.isSet(ZONE)) {
            reading.refuse(ZONE, "means nothing while MESSAGE_LIMIT_WINDOW is not day");
        }
        Duration length = reading.get(LENGTH);
        ZoneId zone = reading.get(ZONE);
        return new BudgetSettings(
                reading.get(LIMIT),
                switch (kind) {
                    case FIRST -> new Window.FirstMessage(length);
                    case IDLE -> new Window.Idle(length);
                    case DAY -> new Window.CalendarDay(zone);
                },
                reading.find(WHITELIST).orElse(Whitelist.NOBODY));
    }

    /** In the words of the core. */
    public Budget budget() {
        return new Budget(NAME, limit, window, whitelist);
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Whitelist whitelist(String text) {
        try {
            return Whitelist.of(Arrays.asList(text.split(",", -1)));
        } catch (IllegalArgumentException e) {
            throw new Form.Complaint(String.valueOf(e.getMessage()));
        }
    }
}
