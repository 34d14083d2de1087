package dev.sluice.server.bots;

import dev.sluice.telegram.Method;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Some methods of the Bot API, or all.
 *
 * @param names in lower case; {@code *} stands for all
 */
public record MethodSet(Set<String> names) {
    private static final String EVERY = "*";

    public static final MethodSet NONE = new MethodSet(Set.of());
    public static final MethodSet ALL = new MethodSet(Set.of(EVERY));

    public MethodSet {
        names = Set.copyOf(names);
    }

    /** @param names in any case */
    public static MethodSet of(Collection<String> names) {
        var canonical = new TreeSet<String>();
        names.forEach(name -> canonical.add(name.toLowerCase(Locale.ROOT)));
        return canonical.contains(EVERY) ? ALL : new MethodSet(canonical);
    }

    public boolean contains(Method method) {
        return !names.isEmpty() && (names.contains(EVERY) || names.contains(method.canonical()));
    }

    /** The names, in one order. */
    public Collection<String> sorted() {
        return new TreeSet<>(names);
    }
}
