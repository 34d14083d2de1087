package dev.sluice.limit;

import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;

/** Is told once when the store is lost and once when it is found again. Called on the thread that noticed; must not block. */
public interface OutageListener {

    /** Nobody wants to know. */
    OutageListener NONE = new OutageListener() {
        @Override
        public void outageBegan(RedisUnavailableException cause) {}

        @Override
        public void outageEnded(Duration lasted) {}
    };

    void outageBegan(RedisUnavailableException cause);

    void outageEnded(Duration lasted);

    /** The same, and does something more after each end. */
    default OutageListener atEnds(Runnable more) {
        OutageListener first = this;
        return new OutageListener() {
            @Override
            public void outageBegan(RedisUnavailableException cause) {
                first.outageBegan(cause);
            }

            @Override
            public void outageEnded(Duration lasted) {
                first.outageEnded(lasted);
                more.run();
            }
        };
    }
}
