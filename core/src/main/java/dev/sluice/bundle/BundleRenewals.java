package dev.sluice.bundle;

import dev.sluice.SluiceException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the leases of those bundles from running out that are handled here. Thread-safe. */
final class BundleRenewals implements AutoCloseable {
    private static final int EACH = 3;

    /** One that failed is tried again within {@link OutageGrace}, however long the lease. */
    private static final Duration AFTER_FAILURE = Duration.ofMillis(500);

    private static final Logger log = LoggerFactory.getLogger(BundleRenewals.class);

    private final Bundles bundles;
    private final Duration lease;
    private final Duration pause;
    private final ScheduledThreadPoolExecutor timer;

    BundleRenewals(Bundles bundles, Duration lease) {
        this.bundles = bundles;
        this.lease = lease;
        this.pause = lease.dividedBy(EACH);
        timer = new ScheduledThreadPoolExecutor(
                1,
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("sluice-bundle-renewals")
                        .unstarted(task));
        timer.setRemoveOnCancelPolicy(true);
    }

    /** From now on, until it is closed, or the bundle is another's. */
    Renewal start(Bundle bundle) {
        var renewal = new Renewal(bundle);
        renewal.in(pause);
        return renewal;
    }

    /** Of one bundle. */
    final class Renewal implements AutoCloseable {
        private final Bundle bundle;
        private Optional<Future<?>> next = Optional.empty();
        private boolean closed;

        private Renewal(Bundle bundle) {
            this.bundle = bundle;
        }

        private synchronized void in(Duration delay) {
            if (closed) {
                return;
            }
            try {
                // A renewal waits for the store, so it leaves the timer's thread at once.
                next = Optional.of(timer.schedule(
                        () -> Thread.startVirtualThread(this::renew), delay.toNanos(), TimeUnit.NANOSECONDS));
            } catch (RejectedExecutionException e) {
                log.debug("a bundle's lease is renewed no more: its bundler is closed");
            }
        }

        private void renew() {
            try {
                if (bundles.renew(bundle.id(), bundle.fence(), lease)) {
                    in(pause);
                } else {
                    log.debug("a bundle was lost or settled meanwhile");
                }
            } catch (SluiceException e) {
                log.debug("a bundle's lease could not be renewed", e);
                in(pause.compareTo(AFTER_FAILURE) < 0 ? pause : AFTER_FAILURE);
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            next.ifPresent(task -> task.cancel(false));
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
