import { Mark, type Tone } from '../elements/mark.tsx';

const toneOf = (status: number): Tone => {
  if (status < 400) return 'good';
  return status < 500 ? 'doubt' : 'bad';
};

export function Status({ status }: { status: number }) {
  return <Mark tone={toneOf(status)}>{status}</Mark>;
}
