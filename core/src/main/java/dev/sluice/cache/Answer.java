package dev.sluice.cache;

import java.util.Optional;

/** What somebody who asked gets, and where it comes from. */
record Answer<V>(Optional<V> value, Source source) {

    enum Source {
        LOCAL,
        REDIS,
        LOADED,
        STALE
    }
}
