package dev.sluice.access;

import dev.sluice.privacy.PersonalData;
import java.util.Set;

/** What programs have said of users' access, and the copies of it. No texts. Thread-safe. */
record KnownAccess(AccessTruth.Settable truth, AccessStates copies) implements PersonalData {
    @Override
    public String family() {
        return "access";
    }

    @Override
    public long forget(long user) {
        return truth.bots(user).stream()
                .filter(bot -> {
                    boolean removed = truth.remove(bot, user);
                    copies.invalidate(bot, user);
                    return removed;
                })
                .count();
    }

    @Override
    public long forgetText(long user) {
        return 0;
    }

    @Override
    public void forgetHere(long user) {
        copies.forgetHere(Set.of(user));
    }

    @Override
    public void forgetCopiesHere(long user) {
        copies.forgetHere(Set.of(user));
    }

    @Override
    public void forgetHere(Set<Long> users) {
        copies.forgetHere(users);
    }

    @Override
    public void forgetCopiesHere(Set<Long> users) {
        copies.forgetHere(users);
    }

    @Override
    public void forgetEverybodyHere() {
        copies.forgetEverybodyHere();
    }
}
