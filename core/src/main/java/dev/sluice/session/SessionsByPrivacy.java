package dev.sluice.session;

import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import java.util.Set;

/** In Redis, but for users of whom no text may stand there: theirs are in this process' memory. */
final class SessionsByPrivacy implements Sessions {
    private final Sessions shared;
    private final Sessions memory;
    private final PrivacyLevels levels;

    SessionsByPrivacy(Sessions shared, Sessions memory, PrivacyLevels levels) {
        this.shared = shared;
        this.memory = memory;
        this.levels = levels;
    }

    @Override
    public Session find(SessionKey key) {
        return of(key).find(key);
    }

    @Override
    public SessionAnswer write(SessionKey key, SessionWrite write) {
        return of(key).write(key, write);
    }

    @Override
    public long forget(long user) {
        return shared.forget(user) + memory.forget(user);
    }

    @Override
    public long forgetText(long user) {
        return shared.forget(user);
    }

    @Override
    public void forgetHere(long user) {
        memory.forgetHere(user);
    }

    @Override
    public void forgetHere(Set<Long> users) {
        memory.forgetHere(users);
    }

    @Override
    public void forgetEverybodyHere() {
        memory.forgetEverybodyHere();
    }

    private Sessions of(SessionKey key) {
        return levels.find(key.user()) == PrivacyLevel.NONE ? memory : shared;
    }
}
