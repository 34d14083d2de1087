package dev.sluice.privacy;

import dev.sluice.limit.SettableMicros;
import java.time.Duration;

class InMemoryOwedForgettingsTest extends OwedForgettingsContract {
    private final SettableMicros clock = new SettableMicros();
    private final StoredLevels levels = new InMemoryPrivacyLevels(100, clock);

    @Override
    StoredLevels levels() {
        return levels;
    }

    @Override
    StoredLevels levels(int mostOwed) {
        return new InMemoryPrivacyLevels(100, mostOwed, clock);
    }

    @Override
    void elapse(Duration time) {
        clock.advance(time);
    }
}
