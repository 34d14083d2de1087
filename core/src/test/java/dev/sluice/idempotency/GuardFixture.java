package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.idempotency.ClaimRequest.Abandoned;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Timeout;

/** A guard on a clock that the test sets, and the words its contracts speak in. */
@Timeout(30)
abstract class GuardFixture {
    static final Duration LEASE = Duration.ofSeconds(5);
    static final Duration KEEP = Duration.ofMinutes(30);
    static final Duration MICROSECOND = Duration.ofNanos(1_000);
    static final Abandoned TAKE_OVER = new Abandoned.TakeOver();
    static final Abandoned BECOMES_UNKNOWN = new Abandoned.BecomesUnknown(Duration.ofMinutes(1));
    static final Fingerprint CONTENT = Fingerprint.of(new byte[] {1});
    static final Fingerprint OTHER_CONTENT = Fingerprint.of(new byte[] {2});
    static final StoredResult RESULT = result("message 17");

    final IdempotencyKey key = newKey();

    abstract IdempotencyGuard guard();

    abstract TwinWait twins();

    /** Moves the backend's clock; by a negative duration, back. */
    abstract void advance(Duration duration);

    static IdempotencyKey newKey() {
        return IdempotencyKey.derived("42", "sendmessage", UUID.randomUUID().toString());
    }

    static StoredResult result(String text) {
        return new StoredResult(text.getBytes(StandardCharsets.UTF_8));
    }

    ClaimRequest request(Abandoned abandoned) {
        return new ClaimRequest(key, CONTENT, LEASE, abandoned);
    }

    Claim claim() {
        return guard().claim(request(TAKE_OVER));
    }

    Claim claimOtherContent() {
        return guard().claim(new ClaimRequest(key, OTHER_CONTENT, LEASE, TAKE_OVER));
    }

    Fence fenceOf(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.New.class);
        return ((Claim.New) claim).fence();
    }

    Fence hold(Abandoned abandoned) {
        return fenceOf(guard().claim(request(abandoned)));
    }

    static List<Claim> atOnce(int count, Callable<Claim> action) throws Exception {
        var start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<Claim>>();
            for (int i = 0; i < count; i++) {
                futures.add(threads.submit(() -> {
                    start.await();
                    return action.call();
                }));
            }
            start.countDown();
            var claims = new ArrayList<Claim>();
            for (Future<Claim> future : futures) {
                claims.add(future.get(20, TimeUnit.SECONDS));
            }
            return claims;
        }
    }

    /** Somebody who waits on a thread of its own. */
    static final class Twin {
        final Thread thread;
        private final FutureTask<Claim> task;

        Twin(Callable<Claim> waiting) {
            task = new FutureTask<>(waiting);
            thread = Thread.ofVirtual().start(task);
        }

        void awaitBlocked() {
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofSeconds(20))
                    .until(this::waitsForItsTwin);
        }

        /** And not for the store, which may take its time. */
        private boolean waitsForItsTwin() {
            return thread.getState() == Thread.State.TIMED_WAITING
                    && Arrays.stream(thread.getStackTrace())
                            .anyMatch(frame -> frame.getMethodName().equals("awaitEnd"));
        }

        Claim outcome() throws ExecutionException, InterruptedException, TimeoutException {
            return task.get(20, TimeUnit.SECONDS);
        }
    }
}
