package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.lock.LockStore.Answer;
import org.junit.jupiter.api.Test;

class InMemoryLockStoreTest extends LockStoreContract {
    private final LockStore store = new InMemoryLockStore(clock, InMemoryLockStore.MOST_HELD);

    @Override
    LockStore store() {
        return store;
    }

    @Test
    void beyond_the_bound_a_lock_is_refused_until_one_is_free() {
        LockStore bounded = new InMemoryLockStore(clock, 2);
        LockName third = new LockName("c");
        taken(bounded.acquire(new LockName("a"), anna, LEASE, false));
        long second = taken(bounded.acquire(new LockName("b"), anna, LEASE, false));

        assertThatThrownBy(() -> bounded.acquire(third, anna, LEASE, false))
                .isInstanceOf(TooManyLocksException.class)
                .hasMessageContaining("2 are held");
        assertThat(bounded.renew(new LockName("a"), anna, LEASE.multipliedBy(2)))
                .isTrue();
        clock.advance(LEASE);
        assertThat(taken(bounded.acquire(third, anna, LEASE, false)))
                .as("that of b is over")
                .isGreaterThan(second);
        assertThat(bounded.acquire(new LockName("a"), ben, LEASE, false)).isInstanceOf(Answer.NotYet.class);
    }
}
