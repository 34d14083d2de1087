package dev.sluice.fsm;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.state.StateEvents;
import dev.sluice.state.StateEvents.Answer;
import dev.sluice.state.StateFullException;
import dev.sluice.state.TooMuchStateException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of what is read and written, to a listener and, with digests for keys, to the log. */
final class WatchedFsmStorage implements FsmStorage {
    private static final Logger log = LoggerFactory.getLogger(WatchedFsmStorage.class);

    private final FsmStorage storage;
    private final StateEvents events;

    WatchedFsmStorage(FsmStorage storage, StateEvents events) {
        this.storage = storage;
        this.events = events;
    }

    @Override
    public Conversation find(ConversationKey key) {
        try {
            Conversation found = storage.find(key);
            events.read(!found.isEmpty());
            if (log.isDebugEnabled()) {
                log.debug("conversation {}: {}", key.digest(), found.isEmpty() ? "miss" : "hit");
            }
            return found;
        } catch (RedisUnavailableException e) {
            events.unavailable();
            throw e;
        }
    }

    @Override
    public FsmAnswer write(ConversationKey key, FsmWrite write) {
        try {
            FsmAnswer answer = storage.write(key, write);
            tell(
                    key,
                    switch (answer) {
                        case FsmAnswer.Changed changed -> Answer.CHANGED;
                        case FsmAnswer.Unexpected unexpected -> Answer.UNEXPECTED;
                        case FsmAnswer.Overtaken overtaken -> Answer.OVERTAKEN;
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

    private void tell(ConversationKey key, Answer answer) {
        events.written(answer);
        if (log.isDebugEnabled()) {
            log.debug("conversation {}: {}", key.digest(), answer);
        }
    }
}
