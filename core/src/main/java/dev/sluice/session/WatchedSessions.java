package dev.sluice.session;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.state.StateEvents;
import dev.sluice.state.StateEvents.Answer;
import dev.sluice.state.StateFullException;
import dev.sluice.state.TooMuchStateException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of what is read and written, to a listener and, with digests for keys, to the log. */
final class WatchedSessions implements Sessions {
    private static final Logger log = LoggerFactory.getLogger(WatchedSessions.class);

    private final Sessions sessions;
    private final StateEvents events;

    WatchedSessions(Sessions sessions, StateEvents events) {
        this.sessions = sessions;
        this.events = events;
    }

    @Override
    public Session find(SessionKey key) {
        try {
            Session found = sessions.find(key);
            events.read(!found.isEmpty());
            if (log.isDebugEnabled()) {
                log.debug("session {}: {}", key.digest(), found.isEmpty() ? "miss" : "hit");
            }
            return found;
        } catch (RedisUnavailableException e) {
            events.unavailable();
            throw e;
        }
    }

    @Override
    public SessionAnswer write(SessionKey key, SessionWrite write) {
        try {
            SessionAnswer answer = sessions.write(key, write);
            tell(
                    key,
                    switch (answer) {
                        case SessionAnswer.Changed changed -> Answer.CHANGED;
                        case SessionAnswer.Unexpected unexpected -> Answer.UNEXPECTED;
                    });
            return answer;
        } catch (TooMuchStateException | StateFullException e) {
            tell(key, Answer.REFUSED);
            throw e;
        } catch (RedisUnavailableException e) {
            events.unavailable();
            throw e;
        }
    }

    private void tell(SessionKey key, Answer answer) {
        events.written(answer);
        if (log.isDebugEnabled()) {
            log.debug("session {}: {}", key.digest(), answer);
        }
    }
}
