package dev.sluice.fsm;

import dev.sluice.state.StateEvents;
import dev.sluice.state.StateEvents.Answer;
import dev.sluice.state.StateWatch;
import java.util.Set;

/** Tells of what is read and written. */
final class WatchedFsmStorage implements FsmStorage {
    private final FsmStorage storage;
    private final StateWatch watch;

    WatchedFsmStorage(FsmStorage storage, StateEvents events) {
        this.storage = storage;
        this.watch = new StateWatch(WatchedFsmStorage.class, "conversation", events);
    }

    @Override
    public Conversation find(ConversationKey key) {
        return watch.read(() -> storage.find(key), Conversation::isEmpty, key::digest);
    }

    @Override
    public FsmAnswer write(ConversationKey key, FsmWrite write) {
        return watch.written(() -> storage.write(key, write), WatchedFsmStorage::meaning, key::digest);
    }

    @Override
    public long forget(long user) {
        return storage.forget(user);
    }

    @Override
    public long forgetText(long user) {
        return storage.forgetText(user);
    }

    @Override
    public void forgetHere(long user) {
        storage.forgetHere(user);
    }

    @Override
    public void forgetHere(Set<Long> users) {
        storage.forgetHere(users);
    }

    @Override
    public void forgetCopiesHere(Set<Long> users) {
        storage.forgetCopiesHere(users);
    }

    @Override
    public void forgetCopiesHere(long user) {
        storage.forgetCopiesHere(user);
    }

    @Override
    public void forgetEverybodyHere() {
        storage.forgetEverybodyHere();
    }

    private static Answer meaning(FsmAnswer answer) {
        return switch (answer) {
            case FsmAnswer.Changed changed -> Answer.CHANGED;
            case FsmAnswer.Unexpected unexpected -> Answer.UNEXPECTED;
            case FsmAnswer.Overtaken overtaken -> Answer.OVERTAKEN;
        };
    }
}
