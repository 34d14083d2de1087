package dev.sluice.state;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.state.StateEvents.Answer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of what is read and written, to a listener and, with digests for keys, to the log. Thread-safe. */
public final class StateWatch {
    private final Logger log;
    private final String what;
    private final StateEvents events;

    /**
     * @param owner whose log it is
     * @param what is read and written, in the log's words
     */
    public StateWatch(Class<?> owner, String what, StateEvents events) {
        this.log = LoggerFactory.getLogger(owner);
        this.what = what;
        this.events = events;
    }

    /** @param digest of the key, asked for only if it is logged */
    public <T> T read(Supplier<T> read, Predicate<T> isEmpty, Supplier<String> digest) {
        try {
            T found = read.get();
            boolean hit = !isEmpty.test(found);
            events.read(hit);
            if (log.isDebugEnabled()) {
                log.debug("{} {}: {}", what, digest.get(), hit ? "hit" : "miss");
            }
            return found;
        } catch (RedisUnavailableException e) {
            events.unavailable();
            throw e;
        }
    }

    /** @param digest of the key, asked for only if it is logged */
    public <T> T written(Supplier<T> write, Function<T, Answer> meaning, Supplier<String> digest) {
        try {
            T answer = write.get();
            tell(meaning.apply(answer), digest);
            return answer;
        } catch (TooMuchStateException | StateFullException e) {
            tell(Answer.REFUSED, digest);
            throw e;
        } catch (RedisUnavailableException e) {
            events.unavailable();
            throw e;
        }
    }

    private void tell(Answer answer, Supplier<String> digest) {
        events.written(answer);
        if (log.isDebugEnabled()) {
            log.debug("{} {}: {}", what, digest.get(), answer);
        }
    }
}
