package dev.sluice.session;

import dev.sluice.state.StateEvents;
import dev.sluice.state.StateEvents.Answer;
import dev.sluice.state.StateWatch;
import java.util.Set;

/** Tells of what is read and written. */
final class WatchedSessions implements Sessions {
    private final Sessions sessions;
    private final StateWatch watch;

    WatchedSessions(Sessions sessions, StateEvents events) {
        this.sessions = sessions;
        this.watch = new StateWatch(WatchedSessions.class, "session", events);
    }

    @Override
    public Session find(SessionKey key) {
        return watch.read(() -> sessions.find(key), Session::isEmpty, key::digest);
    }

    @Override
    public SessionAnswer write(SessionKey key, SessionWrite write) {
        return watch.written(() -> sessions.write(key, write), WatchedSessions::meaning, key::digest);
    }

    @Override
    public long forget(long user) {
        return sessions.forget(user);
    }

    @Override
    public long forgetText(long user) {
        return sessions.forgetText(user);
    }

    @Override
    public void forgetHere(long user) {
        sessions.forgetHere(user);
    }

    @Override
    public void forgetHere(Set<Long> users) {
        sessions.forgetHere(users);
    }

    @Override
    public void forgetCopiesHere(Set<Long> users) {
        sessions.forgetCopiesHere(users);
    }

    @Override
    public void forgetCopiesHere(long user) {
        sessions.forgetCopiesHere(user);
    }

    @Override
    public void forgetEverybodyHere() {
        sessions.forgetEverybodyHere();
    }

    private static Answer meaning(SessionAnswer answer) {
        return switch (answer) {
            case SessionAnswer.Changed changed -> Answer.CHANGED;
            case SessionAnswer.Unexpected unexpected -> Answer.UNEXPECTED;
        };
    }
}
