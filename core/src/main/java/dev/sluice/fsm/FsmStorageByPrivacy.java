package dev.sluice.fsm;

import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import java.util.Set;

/** In Redis, but for users of whom no text may stand there: theirs are in this process' memory. */
final class FsmStorageByPrivacy implements FsmStorage {
    private final FsmStorage shared;
    private final FsmStorage memory;
    private final PrivacyLevels levels;

    FsmStorageByPrivacy(FsmStorage shared, FsmStorage memory, PrivacyLevels levels) {
        this.shared = shared;
        this.memory = memory;
        this.levels = levels;
    }

    @Override
    public Conversation find(ConversationKey key) {
        return of(key).find(key);
    }

    @Override
    public FsmAnswer write(ConversationKey key, FsmWrite write) {
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

    private FsmStorage of(ConversationKey key) {
        return isNone(key.user()) || isNone(key.chat()) ? memory : shared;
    }

    /** Groups and channels, whose ids are below 0, have no level. */
    private boolean isNone(long id) {
        return id > 0 && levels.find(id) == PrivacyLevel.NONE;
    }
}
