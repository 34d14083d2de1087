/**
 * The Java client library, unchanged, against the gateway: {@link PengradTest} is the bot, {@link SimulatedTelegram} what
 * its chats really received, {@link Steps} the lines that {@code client-tests/run} counts.
 */
package dev.sluice.clients;
