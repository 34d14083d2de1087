package dev.sluice.server.bots;

import dev.sluice.telegram.Method;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What becomes of calls whose turn does not come in time, by method.
 *
 * @param byMethod names in lower case; {@code *} stands for all that are not named; calls of others wait
 */
public record OverflowRules(SortedMap<String, Overflow> byMethod) {
    public static final String EVERY = "*";

    public static final OverflowRules WAIT = new OverflowRules(new TreeMap<>());

    public OverflowRules {
        byMethod = Collections.unmodifiableSortedMap(new TreeMap<>(byMethod));
    }

    /** @param byMethod names in any case */
    public static OverflowRules of(Map<String, Overflow> byMethod) {
        var canonical = new TreeMap<String, Overflow>();
        byMethod.forEach((name, overflow) -> canonical.put(name.toLowerCase(Locale.ROOT), overflow));
        return new OverflowRules(canonical);
    }

    public Overflow of(Method method) {
        if (byMethod.isEmpty()) {
            return Overflow.WAIT;
        }
        Overflow named = byMethod.get(method.canonical());
        return named != null ? named : byMethod.getOrDefault(EVERY, Overflow.WAIT);
    }
}
