/** Hold of ClickHouse beyond starting and stopping it. */
export interface ClickHouseControl {
  /**
   * Puts settings upon every query from now on, whoever sends it and whatever it asks for itself, as the profile of a user does.
   *
   * @param name lower case with dashes; several such sets may be there at once
   */
  setProfile(name: string, settings: Readonly<Record<string, string>>): Promise<void>;
  /** Takes a set of settings away again; nothing happens when there is none of that name. */
  clearProfile(name: string): Promise<void>;
  /** Deletes all its data. It must not be running. */
  wipe(): Promise<void>;
}
