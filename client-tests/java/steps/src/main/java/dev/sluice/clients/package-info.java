/**
 * Java client libraries, unchanged, against the gateway: {@link BotSteps} is the bot, {@link Client} the library behind it,
 * {@link SimulatedTelegram} what its chats really received, {@link Steps} the lines that {@code client-tests/run} counts.
 */
package dev.sluice.clients;
