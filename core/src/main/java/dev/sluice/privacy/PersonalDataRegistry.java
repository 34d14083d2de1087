package dev.sluice.privacy;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.ToLongBiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All parts that keep something of users. Thread-safe. One that fails keeps none of the others from forgetting. */
public final class PersonalDataRegistry {
    private static final Logger log = LoggerFactory.getLogger(PersonalDataRegistry.class);

    private final List<PersonalData> parts = new CopyOnWriteArrayList<>();

    /**
     * What was forgotten.
     *
     * @param removed how many things of each family, in the order in which they were asked; of one that failed what it said before, or nothing
     * @param failed the families of which something may be left; to forget once more is safe
     */
    public record Report(SequencedMap<String, Long> removed, SequencedSet<String> failed) {
        /** Nobody was asked. */
        public static final Report NOTHING = new Report(new LinkedHashMap<>(), new LinkedHashSet<>());

        public Report {
            removed = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(removed));
            failed = Collections.unmodifiableSequencedSet(new LinkedHashSet<>(failed));
        }

        public boolean isComplete() {
            return failed.isEmpty();
        }

        Report withFailed(String family) {
            var all = new LinkedHashSet<>(failed);
            all.add(family);
            return new Report(removed, all);
        }
    }

    /** Adds a part. Several may be of one family; their numbers are added up. */
    public void add(PersonalData part) {
        if (!part.family().matches("[a-z_]{1,32}")) {
            throw new IllegalArgumentException("family '" + part.family() + "' does not match [a-z_]{1,32}");
        }
        parts.add(part);
    }

    public void addAll(Collection<? extends PersonalData> more) {
        more.forEach(this::add);
    }

    /** {@link PersonalData#forget} in all parts. */
    public Report forget(long user) {
        return each(user, PersonalData::forget);
    }

    /** {@link PersonalData#forgetText} in all parts. */
    public Report forgetText(long user) {
        return each(user, PersonalData::forgetText);
    }

    /** {@link PersonalData#forgetHere(Set)} in all parts. */
    void forgetHere(Set<Long> users) {
        if (!users.isEmpty()) {
            eachHere(part -> part.forgetHere(users));
        }
    }

    /** {@link PersonalData#forgetCopiesHere(Set)} in all parts. */
    void forgetCopiesHere(Set<Long> users) {
        if (!users.isEmpty()) {
            eachHere(part -> part.forgetCopiesHere(users));
        }
    }

    /** {@link PersonalData#forgetEverybodyHere} in all parts. */
    void forgetEverybodyHere() {
        eachHere(PersonalData::forgetEverybodyHere);
    }

    /** An error of one part, as when its stack or the memory was not enough, is that part's alone. */
    private void eachHere(Consumer<PersonalData> forgetting) {
        for (PersonalData part : parts) {
            try {
                forgetting.accept(part);
            } catch (RuntimeException | Error e) {
                warn(part, e);
            }
        }
    }

    private Report each(long user, ToLongBiFunction<PersonalData, Long> forgetting) {
        PrivacyLevels.requireUser(user);
        var removed = new LinkedHashMap<String, Long>();
        var failed = new LinkedHashSet<String>();
        for (PersonalData part : parts) {
            try {
                removed.merge(part.family(), forgetting.applyAsLong(part, user), Long::sum);
            } catch (RuntimeException | Error e) {
                failed.add(part.family());
                warn(part, e);
            }
        }
        return new Report(removed, failed);
    }

    /** Its message may quote what was to be forgotten. */
    private static void warn(PersonalData part, Throwable failure) {
        log.warn(
                "{} could not forget a user: {}",
                part.family(),
                failure.getClass().getSimpleName());
    }
}
