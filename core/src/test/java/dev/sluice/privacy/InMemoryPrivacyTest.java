package dev.sluice.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.SluiceException;
import org.junit.jupiter.api.Test;

class InMemoryPrivacyTest extends PrivacyContract {
    private final StoredLevels levels = new InMemoryPrivacyLevels(100, clock);

    @Override
    StoredLevels levels() {
        return levels;
    }

    @Test
    void more_users_than_there_is_room_for_are_refused_and_others_can_still_change() {
        var small = new InMemoryPrivacyLevels(1, clock);
        small.set(ANN, PrivacyLevel.NONE);
        assertThatThrownBy(() -> small.set(BOB, PrivacyLevel.NONE)).isInstanceOf(SluiceException.class);
        assertThat(small.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        small.set(ANN, PrivacyLevel.FULL);
        assertThat(small.set(BOB, PrivacyLevel.NONE)).isTrue();
    }
}
