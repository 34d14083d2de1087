package dev.sluice.budget;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScanPosition;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The budgets' steps, their keys, and what they are given. */
final class BudgetScripts {
    static final Script CONSUME = script("consume");
    static final Script REPORT = script("report");
    static final Script USAGE = script("usage");
    static final Script GRANT = script("grant");
    static final Script SCAN = script("scan");
    static final Script RESET = Script.of("budget/reset", part("reset"));

    private static final String FAMILY = "budget";

    /** From the day before until three days later: clocks differ by less, and zones leave out one day at most. */
    private static final int DAYS_BEFORE = 1;

    private static final int DAYS = 5;

    private BudgetScripts() {}

    /** All of a user's budgets share the user's slot. */
    static String key(KeySpace keys, String user, Budget budget) {
        return keys.key(FAMILY, user, budget.name());
    }

    /** Names that are never keys, since no budget is called so; in the slot of {@code tag}. */
    static List<String> noKeys(KeySpace keys, String tag) {
        return List.of(keys.key(FAMILY, tag, "~"), keys.key(FAMILY, tag, "~~"));
    }

    /** What stands before the user's id in a budget's key. */
    static String before(KeySpace keys) {
        String key = keys.key(FAMILY, "", "");
        return key.substring(0, key.indexOf('{') + 1);
    }

    /** What stands behind it. */
    static String behind(KeySpace keys, Budget budget) {
        String key = key(keys, "", budget);
        return key.substring(key.indexOf('}'));
    }

    /** As {@code counters.lua} takes it; of days, when those around {@code about} end. */
    static byte[] window(Window window, Instant about) {
        return ascii(
                switch (window) {
                    case Window.FirstMessage(Duration length) -> "first " + micros(length);
                    case Window.Idle(Duration length) -> "idle " + micros(length);
                    case Window.CalendarDay(ZoneId zone) -> "day " + ends(zone, about);
                });
    }

    private static String ends(ZoneId zone, Instant about) {
        var first = about.atZone(zone).toLocalDate().minusDays(DAYS_BEFORE);
        return LongStream.range(0, DAYS)
                .mapToObj(day -> first.plusDays(day).atStartOfDay(zone).toInstant())
                .map(end -> Long.toString(Counters.micros(end)))
                .collect(Collectors.joining(" "));
    }

    static long micros(Duration length) {
        return Math.ceilDiv(length.toNanos(), 1_000);
    }

    static void requireGrant(long messages) {
        if (messages < 1 || messages > Budget.MOST) {
            throw new IllegalArgumentException("a grant must be 1 to " + Budget.MOST + " messages, not " + messages);
        }
    }

    static void requirePage(int about) {
        if (about < 1 || about > Budgets.LONGEST_PAGE) {
            throw new IllegalArgumentException("a page must be 1 to " + Budgets.LONGEST_PAGE + " long, not " + about);
        }
    }

    /** A cursor that is one number. */
    static long position(String cursor) {
        if (!cursor.matches("[0-9]{1,19}")) {
            throw ScanPosition.noCursor();
        }
        try {
            return Long.parseLong(cursor);
        } catch (NumberFormatException e) {
            throw ScanPosition.noCursor();
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] ascii(long number) {
        return ascii(Long.toString(number));
    }

    private static Script script(String name) {
        return Script.of("budget/" + name, part("counters"), part(name));
    }

    private static Part part(String name) {
        return new Part(BudgetScripts.class, name + ".lua");
    }
}
