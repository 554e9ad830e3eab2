/** An application that never waits lets everybody else have their turn after so many blocks. */
const blocksPerTurn = 16;

/** Behind so many blocks: when the event loop has had its turn, where that is due. */
export function hasTurn(blocks: number): Promise<void> | undefined {
  return blocks % blocksPerTurn === 0 ? new Promise((resolve) => void setImmediate(resolve)) : undefined;
}
