package dev.sluice.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets the log up in code: found by Logback as a service, so that no XML is parsed at start and no secret gets past
 * {@link RedactingEncoder}. {@code -Dlogback.configurationFile=...} replaces all of it, the redaction included.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String LINES = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %msg %kvp%n%ex";

    /** They log what goes over their wires when asked for more, secrets included. */
    private static final List<String> NEVER_BELOW_WARN =
            List.of("io.netty", "io.vertx", "io.lettuce", "reactor", "redis.embedded", "io.micrometer");

    /** Warns, with a stack trace, of connections that could not be made again: what the log says of Redis already. */
    private static final String TELLS_TWICE = "io.lettuce.core.protocol.ConnectionWatchdog";

    /** Called by Logback. */
    public Logging() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        apply(context, LogLevel.INFO, LogFormat.TEXT);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Puts what was set into effect, unless a configuration file of the user's own rules. */
    public static void apply(LogLevel level, LogFormat format) {
        if (System.getProperty("logback.configurationFile") == null
                && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            apply(context, level, format);
        }
    }

    private static void apply(LoggerContext context, LogLevel level, LogFormat format) {
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setName("console");
        appender.setEncoder(encoder(context, format));
        appender.start();
        root.addAppender(appender);
        root.setLevel(Level.toLevel(level.name()));
        NEVER_BELOW_WARN.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
        context.getLogger(TELLS_TWICE).setLevel(Level.ERROR);
    }

    static Encoder<ILoggingEvent> encoder(LoggerContext context, LogFormat format) {
        var encoder = new RedactingEncoder(
                switch (format) {
                    case TEXT -> lines(context);
                    case JSON -> objects(context);
                });
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> lines(LoggerContext context) {
        var lines = new PatternLayoutEncoder();
        lines.setContext(context);
        lines.setPattern(LINES);
        return lines;
    }

    private static Encoder<ILoggingEvent> objects(LoggerContext context) {
        var objects = new JsonEncoder();
        objects.setContext(context);
        objects.setWithSequenceNumber(false);
        objects.setWithNanoseconds(false);
        objects.setWithContext(false);
        objects.setWithArguments(false);
        objects.setWithMessage(false);
        objects.setWithFormattedMessage(true);
        return objects;
    }
}
