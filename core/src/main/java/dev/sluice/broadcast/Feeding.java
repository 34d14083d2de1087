package dev.sluice.broadcast;

import dev.sluice.queue.NewMessage;
import java.util.Optional;

/**
 * One recipient to be fed.
 *
 * @param recipient its number, from 0
 * @param message empty if none can be made of it, since what was stored cannot be read any more: it is then refused
 */
public record Feeding(int recipient, Optional<NewMessage> message) {}
