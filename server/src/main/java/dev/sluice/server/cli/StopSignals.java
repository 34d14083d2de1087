package dev.sluice.server.cli;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/**
 * Ctrl-C and its relatives: the first asks for a graceful stop, the second ends the process at once. Thread-safe.
 *
 * <p>A shutdown hook could not do this: while hooks run, the Java platform no longer hears signals. {@code sun.misc.Signal} is
 * supported (module {@code jdk.unsupported}) but cannot be compiled against without a warning, hence by reflection; where it
 * is missing, a hook makes at least the first signal work.
 */
final class StopSignals {
    private static final List<String> NAMES = List.of("INT", "TERM", "HUP");
    private static final int ENDED_BY_SIGNAL = 130;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final AtomicBoolean first = new AtomicBoolean(true);

    private StopSignals() {}

    static StopSignals listen() {
        var signals = new StopSignals();
        try {
            for (String name : NAMES) {
                signals.handle(name);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LoggerFactory.getLogger(StopSignals.class).debug("signals are left to a shutdown hook", e);
            Runtime.getRuntime().addShutdownHook(new Thread(signals.asked::countDown, "stop"));
        }
        return signals;
    }

    /** Waits for the first signal. */
    void await() throws InterruptedException {
        asked.await();
    }

    // A proxy is equal to itself only.
    @SuppressWarnings("ReferenceEquality")
    private void handle(String name) throws ReflectiveOperationException {
        var signalType = Class.forName("sun.misc.Signal");
        var handlerType = Class.forName("sun.misc.SignalHandler");
        var handler = Proxy.newProxyInstance(
                StopSignals.class.getClassLoader(),
                new Class<?>[] {handlerType},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "handle" -> {
                        received();
                        yield null;
                    }
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "StopSignals";
                });
        signalType
                .getMethod("handle", signalType, handlerType)
                .invoke(null, signalType.getConstructor(String.class).newInstance(name), handler);
    }

    private void received() {
        if (first.getAndSet(false)) {
            asked.countDown();
        } else {
            Runtime.getRuntime().halt(ENDED_BY_SIGNAL);
        }
    }
}
